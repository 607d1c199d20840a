//! Captures that are the same file. Nothing was sent twice because somebody saved it twice.

use std::io::SeekFrom;

use crate::attached::Folder;
use crate::case::{File, Source};

/// For each file the first one that is the same, byte for byte, where there is one before it. Every source stands at its beginning afterwards,
/// and the folder of the first stands for those of all: some of its files may lie in one and some in another.
pub(crate) fn twins(files: &mut [File<'_>]) -> Vec<Option<usize>> {
    let lengths: Vec<u64> = files.iter_mut().map(|file| length(&mut *file.source)).collect();
    let mut twins: Vec<Option<usize>> = Vec::new();
    for at in 0..files.len() {
        let (before, rest) = files.split_at_mut(at);
        let mut originals = (0..at).filter(|other| twins[*other].is_none() && lengths[*other] == lengths[at]);
        let twin = originals.find(|other| is_same(&mut *before[*other].source, &mut *rest[0].source));
        if let Some(first) = twin {
            let folders = [&mut before[first].folder, &mut rest[0].folder].map(|folder| std::mem::replace(folder, Box::new(|_| None)));
            before[first].folder = either(folders);
        }
        twins.push(twin);
    }
    twins
}

fn either([mut first, mut second]: [Folder<'_>; 2]) -> Folder<'_> {
    Box::new(move |name| first(name).or_else(|| second(name)))
}

/// Nothing that cannot be gone through is the same as anything.
fn is_same(one: &mut dyn Source, other: &mut dyn Source) -> bool {
    let mut is_same = one.seek(SeekFrom::Start(0)).is_ok() && other.seek(SeekFrom::Start(0)).is_ok();
    while is_same {
        let (Ok(left), Ok(right)) = (one.fill_buf(), other.fill_buf()) else {
            is_same = false;
            break;
        };
        let length = left.len().min(right.len());
        is_same = left[..length] == right[..length] && (length > 0 || left.len() == right.len());
        if length == 0 {
            break;
        }
        one.consume(length);
        other.consume(length);
    }
    let is_back = one.seek(SeekFrom::Start(0)).is_ok() & other.seek(SeekFrom::Start(0)).is_ok();
    is_same && is_back
}

fn length(source: &mut dyn Source) -> u64 {
    let length = source.seek(SeekFrom::End(0)).unwrap_or_default();
    let _ = source.seek(SeekFrom::Start(0));
    length
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    #[test]
    fn files_are_the_same_where_all_their_bytes_are() {
        let file = |(at, content): (usize, &&'static str)| {
            let source = BufReader::with_capacity(1 + at, Cursor::new(*content));
            File { name: String::new(), source: Box::new(source), folder: Box::new(|_| None) }
        };
        for (contents, same) in [
            (&["abc", "abd", "abc", "ab", "abd", "abc"][..], &[None, None, Some(0), None, Some(1), Some(0)][..]),
            (&["", "a", ""], &[None, None, Some(0)]),
            (&["abcdefgh", "abcdefgx"], &[None, None]),
            (&[], &[]),
        ] {
            let mut files: Vec<File<'_>> = contents.iter().enumerate().map(file).collect();
            assert_eq!(twins(&mut files), same, "{contents:?}");
            for (mut file, content) in files.into_iter().zip(contents) {
                let mut text = String::new();
                file.source.read_to_string(&mut text).unwrap();
                assert_eq!(text, *content, "read from its beginning");
            }
        }
    }

    #[test]
    fn the_folder_of_the_first_stands_for_those_of_all() {
        let file = |(content, kept): (&'static str, &'static str)| {
            let open = move |name: &str| (name == kept).then(|| Box::new(Cursor::new(kept)) as Box<dyn std::io::Read>);
            File { name: String::new(), source: Box::new(Cursor::new(content)), folder: Box::new(open) }
        };
        let mut files: Vec<File<'_>> = [("same", "a"), ("other", "b"), ("same", "c"), ("same", "d")].map(file).into();
        twins(&mut files);
        let has = |file: &mut File<'_>| ["a", "b", "c", "d"].map(|name| (file.folder)(name).is_some());
        assert_eq!((has(&mut files[0]), has(&mut files[1])), ([true, false, true, true], [false, true, false, false]));
    }
}
