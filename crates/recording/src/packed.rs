use std::borrow::Cow;
use std::fmt;
use std::io;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A block is compressed once it has this many bytes of JSON.
const BLOCK_BYTES: usize = 256 << 10;

/// The fastest that zstd calls a level of its own: requests of one page are so alike that more effort gains little.
const LEVEL: i32 = 1;

/// A long list that is kept as compressed JSON: what a page makes happen, it can make happen a hundred thousand times.
///
/// Items go in at the end and come out by value, in order. A request that takes some four kilobytes as it stands takes a few hundred
/// bytes here.
#[derive(Clone)]
pub struct Packed<T> {
    blocks: Vec<Block>,
    /// JSON Lines of the items that are in no block yet, and the place of the first one.
    open: Vec<u8>,
    first_open: usize,
    length: usize,
    items: PhantomData<fn() -> T>,
}

/// Some items, one after the other.
#[derive(Clone)]
struct Block {
    /// Place of its first item in the list.
    first: usize,
    /// Bytes of JSON in it.
    bytes: usize,
    compressed: Box<[u8]>,
}

impl Block {
    fn text(&self) -> String {
        let bytes = zstd::bulk::decompress(&self.compressed, self.bytes).expect("what zstd packed it unpacks");
        String::from_utf8(bytes).expect("JSON is text")
    }
}

impl<T> Packed<T> {
    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The text of a block; of the open one where there are no more.
    fn text(&self, block: usize) -> Cow<'_, str> {
        let Some(block) = self.blocks.get(block) else {
            return Cow::Borrowed(std::str::from_utf8(&self.open).expect("JSON is text"));
        };
        Cow::Owned(block.text())
    }

    fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        (0..=self.blocks.len()).map(|block| self.text(block))
    }

    /// Writes each item's JSON between two texts, without taking it apart.
    pub(crate) fn write_each(&self, out: &mut impl io::Write, before: &str, after: &str) -> io::Result<()> {
        for text in self.texts() {
            for line in text.lines() {
                out.write_all(before.as_bytes())?;
                out.write_all(line.as_bytes())?;
                out.write_all(after.as_bytes())?;
            }
        }
        Ok(())
    }
}

impl<T: Serialize> Packed<T> {
    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        let before = self.open.len();
        serde_json::to_writer(&mut self.open, &item).expect("what a recording holds has text keys and no failing serialiser");
        self.open.push(b'\n');
        self.length += 1;
        if self.open.len() > BLOCK_BYTES {
            // A large item has a block of its own, so that reading its neighbours does not unpack it.
            self.close(before);
            if self.open.len() > BLOCK_BYTES {
                self.close(self.open.len());
            }
        }
    }

    /// Makes a block of the open one's first bytes. Whatever is left is one item.
    fn close(&mut self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        let compressed = zstd::encode_all(&self.open[..bytes], LEVEL).expect("zstd packs any bytes into memory");
        self.blocks.push(Block { first: self.first_open, bytes, compressed: compressed.into() });
        self.open.drain(..bytes);
        self.open.shrink_to(BLOCK_BYTES);
        self.first_open = self.length - usize::from(!self.open.is_empty());
    }
}

impl<T: DeserializeOwned> Packed<T> {
    /// Every item, in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.texts().flat_map(|text| text.lines().map(read).collect::<Vec<T>>())
    }

    /// One item. To read many, [`Packed::iter`] or a [`Cursor`] is quicker.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<T> {
        self.cursor().get(place)
    }

    /// For items that are looked up one by one, roughly in order.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'_, T> {
        Cursor { packed: self, unpacked: Vec::new() }
    }
}

fn read<T: DeserializeOwned>(line: &str) -> T {
    serde_json::from_str(line).expect("an item is read as the type that wrote it")
}

/// Looks items up and keeps the blocks of the last ones unpacked: whoever looks up in order, or nearly so, unpacks each block once.
pub struct Cursor<'a, T> {
    packed: &'a Packed<T>,
    /// The latest last.
    unpacked: Vec<Unpacked>,
}

/// Blocks that a cursor keeps unpacked.
const KEPT: usize = 16;

struct Unpacked {
    /// Place of its first item.
    first: usize,
    lines: Vec<String>,
}

impl<T: DeserializeOwned> Cursor<'_, T> {
    /// The item at this place.
    pub fn get(&mut self, place: usize) -> Option<T> {
        if place >= self.packed.length {
            return None;
        }
        let Packed { blocks, first_open, .. } = self.packed;
        let block = if place >= *first_open { blocks.len() } else { blocks.partition_point(|block| block.first <= place) - 1 };
        let first = blocks.get(block).map_or(*first_open, |block| block.first);
        let known = self.unpacked.iter().position(|unpacked| unpacked.first == first).unwrap_or_else(|| {
            if self.unpacked.len() == KEPT {
                self.unpacked.remove(0);
            }
            self.unpacked.push(Unpacked { first, lines: self.packed.text(block).lines().map(str::to_owned).collect() });
            self.unpacked.len() - 1
        });
        self.unpacked[known].lines.get(place - first).map(|line| read(line))
    }
}

impl<T> fmt::Debug for Cursor<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blocks: Vec<usize> = self.unpacked.iter().map(|unpacked| unpacked.first).collect();
        formatter.debug_struct("Cursor").field("unpacked", &blocks).finish_non_exhaustive()
    }
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), open: Vec::new(), first_open: 0, length: 0, items: PhantomData }
    }
}

impl<T: Serialize> Extend<T> for Packed<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T: Serialize> FromIterator<T> for Packed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut packed = Self::default();
        packed.extend(items);
        packed
    }
}

impl<T: Serialize> From<Vec<T>> for Packed<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<'a, T: DeserializeOwned> IntoIterator for &'a Packed<T> {
    type Item = T;
    type IntoIter = Box<dyn Iterator<Item = T> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl<T: DeserializeOwned + 'static> IntoIterator for Packed<T> {
    type Item = T;
    type IntoIter = Box<dyn Iterator<Item = T>>;

    fn into_iter(self) -> Self::IntoIter {
        let Self { blocks, open, .. } = self;
        // Each block is given back before the next is unpacked: whoever takes one list apart often puts another together.
        let packed = blocks.into_iter().flat_map(|block| block.text().lines().map(read).collect::<Vec<T>>());
        let open = String::from_utf8(open).expect("JSON is text");
        Box::new(packed.chain(open.lines().map(read).collect::<Vec<T>>()))
    }
}

/// Where a block ends follows from the items before it: equal lists have equal blocks.
impl<T> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.length == other.length && self.texts().eq(other.texts())
    }
}

impl<T> Eq for Packed<T> {}

impl<T: DeserializeOwned + fmt::Debug> fmt::Debug for Packed<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// As a list of its items.
impl<T: Serialize + DeserializeOwned> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.length))?;
        self.iter().try_for_each(|item| list.serialize_element(&item))?;
        list.end()
    }
}

impl<'de, T: Serialize + Deserialize<'de>> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

struct Items<T>(PhantomData<fn() -> T>);

impl<'de, T: Serialize + Deserialize<'de>> Visitor<'de> for Items<T> {
    type Value = Packed<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Packed<T>, A::Error> {
        let mut packed = Packed::default();
        while let Some(item) = list.next_element::<T>()? {
            packed.push(item);
        }
        Ok(packed)
    }
}

impl<T: JsonSchema> JsonSchema for Packed<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Vec::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists that fit into the open block, that end with a full one, and with an item larger than a block in their midst.
    fn lists() -> Vec<Vec<String>> {
        let texts =
            |count: usize| (0..count).map(|number| format!("{number}\n\u{2028}\"é\" {}", "x".repeat(number % 300))).collect::<Vec<_>>();
        let mut large = texts(2_000);
        large[1_000] = "y".repeat(2 * BLOCK_BYTES);
        vec![vec![], texts(1), texts(7), texts(10_000), large, vec![String::new(); 200_000]]
    }

    #[test]
    fn items_come_out_as_they_went_in() {
        for items in lists() {
            let packed: Packed<String> = items.iter().cloned().collect();
            assert_eq!((packed.len(), packed.is_empty()), (items.len(), items.is_empty()));
            assert!(packed.iter().eq(items.iter().cloned()));
            let mut cursor = packed.cursor();
            for place in (0..items.len()).step_by(97).chain([0, items.len().saturating_sub(1)]) {
                assert_eq!(cursor.get(place), items.get(place).cloned(), "{place} of {}", items.len());
            }
            assert_eq!(packed.get(items.len()), None);
        }
    }

    #[test]
    fn a_packed_list_is_stored_as_any_other() {
        for items in lists() {
            let packed: Packed<String> = items.clone().into();
            let stored = serde_json::to_string(&packed).unwrap();
            assert_eq!(stored, serde_json::to_string(&items).unwrap());
            assert_eq!(serde_json::from_str::<Packed<String>>(&stored).unwrap(), packed);
            let mut lines = Vec::new();
            packed.write_each(&mut lines, "<", ">").unwrap();
            let expected: String = items.iter().map(|item| format!("<{}>", serde_json::to_string(item).unwrap())).collect();
            assert!(lines == expected.as_bytes());
        }
    }

    #[test]
    fn lists_are_equal_where_their_items_are() {
        let one: Packed<u32> = (0..100_000).collect();
        let mut other: Packed<u32> = (0..99_999).collect();
        assert_ne!(one, other);
        other.push(1);
        assert_ne!(one, other);
        other = (0..100_000).collect();
        assert_eq!(one, other);
    }
}
