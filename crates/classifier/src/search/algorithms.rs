//! Digests as bytes. Those of a number are its bytes with the highest first, as scripts write them.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Blake2s256};
use md2::Md2;
use md4::Md4;
use ripemd::Ripemd160;
use sha2::{Digest, Sha224, Sha384, Sha512};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use whirlpool::Whirlpool;

use crate::Algorithm;

/// Those that are long enough to prove something by themselves.
pub(super) const LONG: &[Algorithm] = &[
    Algorithm::Md2,
    Algorithm::Md4,
    Algorithm::Sha224,
    Algorithm::Sha384,
    Algorithm::Sha512,
    Algorithm::Sha3Of224,
    Algorithm::Sha3Of256,
    Algorithm::Sha3Of384,
    Algorithm::Sha3Of512,
    Algorithm::Ripemd160,
    Algorithm::Whirlpool,
    Algorithm::Blake2bOf256,
    Algorithm::Blake2bOf512,
    Algorithm::Blake2s,
    Algorithm::Blake3,
    Algorithm::Murmur3Of128,
    Algorithm::Xxhash64,
];

/// Those of 32 bits.
pub(super) const SHORT: &[Algorithm] = &[Algorithm::Murmur3, Algorithm::Xxhash32, Algorithm::Crc32];

pub(super) fn digest(algorithm: Algorithm, text: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Md2 => Md2::digest(text).to_vec(),
        Algorithm::Md4 => Md4::digest(text).to_vec(),
        Algorithm::Sha224 => Sha224::digest(text).to_vec(),
        Algorithm::Sha384 => Sha384::digest(text).to_vec(),
        Algorithm::Sha512 => Sha512::digest(text).to_vec(),
        Algorithm::Sha3Of224 => Sha3_224::digest(text).to_vec(),
        Algorithm::Sha3Of256 => Sha3_256::digest(text).to_vec(),
        Algorithm::Sha3Of384 => Sha3_384::digest(text).to_vec(),
        Algorithm::Sha3Of512 => Sha3_512::digest(text).to_vec(),
        Algorithm::Ripemd160 => Ripemd160::digest(text).to_vec(),
        Algorithm::Whirlpool => Whirlpool::digest(text).to_vec(),
        Algorithm::Blake2bOf256 => Blake2b::<U32>::digest(text).to_vec(),
        Algorithm::Blake2bOf512 => Blake2b512::digest(text).to_vec(),
        Algorithm::Blake2s => Blake2s256::digest(text).to_vec(),
        Algorithm::Blake3 => blake3::hash(text).as_bytes().to_vec(),
        Algorithm::Murmur3Of128 => murmur3_of_128(text).iter().flat_map(|half| half.to_be_bytes()).collect(),
        Algorithm::Xxhash64 => twox_hash::XxHash64::oneshot(0, text).to_be_bytes().to_vec(),
        Algorithm::Murmur3 => murmur3(text).to_be_bytes().to_vec(),
        Algorithm::Xxhash32 => twox_hash::XxHash32::oneshot(0, text).to_be_bytes().to_vec(),
        Algorithm::Crc32 => crc32fast::hash(text).to_be_bytes().to_vec(),
    }
}

/// MurmurHash3 of 32 bits with the seed zero, as its author published it.
fn murmur3(text: &[u8]) -> u32 {
    let mixed = |word: u32| word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut hash = 0_u32;
    let (blocks, rest) = text.as_chunks::<4>();
    for block in blocks {
        hash = (hash ^ mixed(u32::from_le_bytes(*block))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    hash ^= mixed(rest.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)));
    hash ^= text.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

/// MurmurHash3 of 128 bits for machines of 64, with the seed zero.
fn murmur3_of_128(text: &[u8]) -> [u64; 2] {
    const FIRST: u64 = 0x87c3_7b91_1142_53d5;
    const SECOND: u64 = 0x4cf5_ad43_2745_937f;
    let mixed_first = |word: u64| word.wrapping_mul(FIRST).rotate_left(31).wrapping_mul(SECOND);
    let mixed_second = |word: u64| word.wrapping_mul(SECOND).rotate_left(33).wrapping_mul(FIRST);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let (mut one, mut two) = (0_u64, 0_u64);
    let (blocks, rest) = text.as_chunks::<16>();
    for block in blocks {
        one = (one ^ mixed_first(word(&block[..8]))).rotate_left(27).wrapping_add(two).wrapping_mul(5).wrapping_add(0x52dc_e729);
        two = (two ^ mixed_second(word(&block[8..]))).rotate_left(31).wrapping_add(one).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    two ^= mixed_second(word(rest.get(8..).unwrap_or_default()));
    one ^= mixed_first(word(&rest[..rest.len().min(8)]));
    let length = text.len() as u64;
    (one, two) = (one ^ length, two ^ length);
    one = one.wrapping_add(two);
    two = two.wrapping_add(one);
    (one, two) = (finished(one), finished(two));
    one = one.wrapping_add(two);
    [one, two.wrapping_add(one)]
}

fn finished(word: u64) -> u64 {
    let word = (word ^ word >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let word = (word ^ word >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ word >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of one text, as published or as other programs have them.
    #[test]
    fn digests_are_those_that_others_compute() {
        let text = b"The quick brown fox jumps over the lazy dog";
        for (algorithm, expected) in [
            (Algorithm::Md2, "03d85a0d629d2c442e987525319fc471"),
            (Algorithm::Md4, "1bee69a46ba811185c194762abaeae90"),
            (Algorithm::Sha224, "730e109bd7a8a32b1cb9d9a09aa2325d2430587ddbc0c38bad911525"),
            (Algorithm::Ripemd160, "37f332f68db77bd9d7edd4969571ad671cf9dd3b"),
            (Algorithm::Sha3Of256, "69070dda01975c8c120c3aada1b282394e7f032fa9cf32f4cb2259a0897dfc04"),
            (Algorithm::Blake2s, "606beeec743ccbeff6cbcdf5d5302aa855c256c29b88c8ed331ea1a6bf3c8812"),
            (Algorithm::Blake3, "2f1514181aadccd913abd94cfa592701a5686ab23f8df1dff1b74710febc6d4a"),
            (Algorithm::Murmur3, "2e4ff723"),
            (Algorithm::Murmur3Of128, "e34bbc7bbc071b6c7a433ca9c49a9347"),
            (Algorithm::Xxhash32, "e85ea4de"),
            (Algorithm::Xxhash64, "0b242d361fda71bc"),
            (Algorithm::Crc32, "414fa339"),
        ] {
            assert_eq!(hex::encode(digest(algorithm, text)), expected, "{algorithm:?}");
        }
        assert_eq!(hex::encode(digest(Algorithm::Murmur3, b"")), "00000000");
        for (algorithm, beginning) in [
            (Algorithm::Sha384, "ca737f1014a48f4c0b6dd43cb177b0af"),
            (Algorithm::Sha512, "07e547d9586f6a73f73fbac0435ed769"),
            (Algorithm::Sha3Of224, "d15dadceaa4d5d7bb3b48f446421d542"),
            (Algorithm::Sha3Of384, "7063465e08a93bce31cd89d2e3ca8f60"),
            (Algorithm::Sha3Of512, "01dedd5de4ef14642445ba5f5b97c15e"),
            (Algorithm::Whirlpool, "b97de512e91e3828b40d2b0fdce9ceb3"),
            (Algorithm::Blake2bOf512, "a8add4bdddfd93e4877d2746e62817b1"),
            (Algorithm::Blake2bOf256, "01718cec35cd3d796dd00020e0bfecb4"),
        ] {
            assert!(hex::encode(digest(algorithm, text)).starts_with(beginning), "{algorithm:?} {}", hex::encode(digest(algorithm, text)));
        }
    }

    #[test]
    fn every_digest_has_the_length_of_its_sort() {
        assert!(LONG.iter().all(|algorithm| digest(*algorithm, b"a").len() >= 8));
        assert!(SHORT.iter().all(|algorithm| digest(*algorithm, b"a").len() == 4));
    }
}
