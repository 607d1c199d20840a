/// The bits of a text in URL-safe base64, read from the first to the last.
pub(super) struct Bits {
    sextets: Vec<u8>,
    at: usize,
}

/// Numbers in one string at the most: a vendor list of the TCF has far fewer.
const MOST_NUMBERS: usize = 70_000;

impl Bits {
    /// `None` for what is not base64 at all.
    pub(super) fn new(text: &str) -> Option<Self> {
        let sextets: Option<Vec<u8>> = text.trim_end_matches('=').bytes().map(sextet).collect();
        sextets.filter(|sextets| !sextets.is_empty()).map(|sextets| Self { sextets, at: 0 })
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        self.number(1).map(|bit| bit == 1)
    }

    pub(super) fn number(&mut self, length: usize) -> Option<u64> {
        let mut number = 0;
        for _ in 0..length {
            let sextet = self.sextets.get(self.at / 6)?;
            number = number << 1 | u64::from(sextet >> (5 - self.at % 6) & 1);
            self.at += 1;
        }
        Some(number)
    }

    /// The numbers, from 1, of the bits that are set among so many.
    pub(super) fn set_bits(&mut self, length: usize) -> Option<Vec<u16>> {
        let mut set = Vec::new();
        for number in 1..=length {
            if self.flag()? {
                set.push(u16::try_from(number).ok()?);
            }
        }
        Some(set)
    }

    /// Two capital letters.
    pub(super) fn letters(&mut self) -> Option<String> {
        (0..2).map(|_| self.number(6).and_then(|letter| char::from_u32(u32::from(b'A') + u32::try_from(letter).ok()?))).collect()
    }

    /// A number as a sum of Fibonacci numbers; two bits that are set end it.
    pub(super) fn fibonacci(&mut self) -> Option<u64> {
        let (mut this, mut next) = (1_u64, 2_u64);
        let (mut sum, mut was_set) = (0_u64, false);
        loop {
            let is_set = self.flag()?;
            if is_set && was_set {
                return Some(sum);
            }
            if is_set {
                sum = sum.checked_add(this)?;
            }
            (this, next) = (next, this.checked_add(next)?);
            was_set = is_set;
        }
    }

    /// Numbers one by one or from one to another, each told by its distance from the one before.
    pub(super) fn fibonacci_ranges(&mut self) -> Option<Vec<u16>> {
        let mut numbers = Vec::new();
        let mut last = 0_u64;
        for _ in 0..self.number(12)? {
            let is_range = self.flag()?;
            let first = last.checked_add(self.fibonacci()?)?;
            last = if is_range { first.checked_add(self.fibonacci()?)? } else { first };
            push(&mut numbers, first, last)?;
        }
        Some(numbers)
    }

    /// Numbers one by one or from one to another, each in sixteen bits.
    pub(super) fn ranges(&mut self) -> Option<Vec<u16>> {
        let mut numbers = Vec::new();
        for _ in 0..self.number(12)? {
            let is_range = self.flag()?;
            let first = self.number(16)?;
            let last = if is_range { self.number(16)? } else { first };
            push(&mut numbers, first, last)?;
        }
        Some(numbers)
    }

    /// The greatest number, then a bit for each number up to it, or ranges.
    pub(super) fn numbers(&mut self) -> Option<Vec<u16>> {
        let greatest = usize::try_from(self.number(16)?).ok()?;
        if self.flag()? { self.ranges() } else { self.set_bits(greatest) }
    }
}

fn push(numbers: &mut Vec<u16>, first: u64, last: u64) -> Option<()> {
    let (first, last) = (u16::try_from(first).ok()?, u16::try_from(last).ok()?);
    if first > last || numbers.len() + usize::from(last - first) >= MOST_NUMBERS {
        return None;
    }
    numbers.extend(first..=last);
    Some(())
}

fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' | b'+' => 62,
        b'_' | b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits written as such, as base64.
    fn bits(digits: &str) -> Bits {
        let digits: Vec<u8> = digits.bytes().filter(|digit| *digit != b' ').map(|digit| digit - b'0').collect();
        let sextets = digits.chunks(6).map(|six| six.iter().fold(0, |sextet, bit| sextet << 1 | bit) << (6 - six.len())).collect();
        Bits { sextets, at: 0 }
    }

    #[test]
    fn numbers_are_read_in_each_way_they_are_written() {
        assert_eq!(Bits::new("CA").unwrap().number(12), Some(128));
        assert_eq!(Bits::new("CA").unwrap().number(13), None);
        for (digits, expected) in
            [("11", Some(1)), ("011", Some(2)), ("0011", Some(3)), ("1011", Some(4)), ("100011", Some(9)), ("0101", None)]
        {
            assert_eq!(bits(digits).fibonacci(), expected.or(None), "{digits}");
        }
        assert_eq!(bits("000000000010 0 011 1 011 0011").fibonacci_ranges(), Some(vec![2, 4, 5, 6, 7]));
        assert_eq!(bits("0000000000000011 0 101").numbers(), Some(vec![1, 3]));
        assert_eq!(bits("0000000000000111 1 000000000001 1 0000000000000101 0000000000000111").numbers(), Some(vec![5, 6, 7]));
        assert_eq!(bits("000000000001 1 0000000000000111 0000000000000101").ranges(), None, "it ends before it begins");
    }

    #[test]
    fn a_flood_of_ranges_ends() {
        let range = "1 0000000000000001 1111111111111111";
        assert_eq!(bits(&format!("111111111111 {}", range.repeat(4095))).ranges(), None);
    }

    #[test]
    fn what_is_not_base64_has_no_bits() {
        assert!(Bits::new("é").is_none() && Bits::new("").is_none() && Bits::new("a b").is_none());
    }
}
