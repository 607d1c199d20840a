use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One layer a value was wrapped in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Percent-encoding, `+` for a space included where a form has it.
    Percent,
    /// A JSON string's escapes.
    JsonString,
    /// A value inside an address.
    Url,
    /// A value inside a JSON document that is itself a value.
    Json,
    /// Standard base64, padded or not.
    Base64,
    /// URL-safe base64, padded or not.
    Base64Url,
    /// HTML character references (`&#64;`).
    HtmlEntity,
    /// gzip.
    Gzip,
    /// zlib.
    Zlib,
    /// Deflate without a header.
    Deflate,
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
    /// lz-string, in any of its forms.
    LzString,
    /// Quoted-printable.
    QuotedPrintable,
    /// UTF-16, either byte first.
    Utf16,
    /// Text in hexadecimal.
    Base16,
    /// Base32, padded or not.
    Base32,
    /// Base58, in the alphabet of Bitcoin.
    Base58,
    /// A field of a protocol buffers message.
    Protobuf,
    /// A value of a MessagePack document.
    Msgpack,
    /// The digest named next stands as its bytes, not in hexadecimal.
    RawDigest,
    /// An MD5 digest in hexadecimal, after these normalisations in this order.
    Md5 {
        /// What was done to the value before hashing.
        normalised: Vec<Normalisation>,
    },
    /// A SHA-1 digest in hexadecimal, after these normalisations in this order.
    Sha1 {
        /// What was done to the value before hashing.
        normalised: Vec<Normalisation>,
    },
    /// A SHA-256 digest in hexadecimal, after these normalisations in this order.
    Sha256 {
        /// What was done to the value before hashing.
        normalised: Vec<Normalisation>,
    },
    /// Another digest in hexadecimal, after these normalisations in this order.
    Digest {
        /// Which.
        algorithm: Algorithm,
        /// What was done to the value before hashing.
        normalised: Vec<Normalisation>,
    },
    /// The 32 bits of the checksum named next stand as a number in decimal digits.
    Decimal,
}

impl Encoding {
    /// Whether it is a digest, of which the value cannot be had back.
    pub(crate) fn is_digest(&self) -> bool {
        self.normalised().is_some()
    }

    /// Of a digest, what was done to the value before it was hashed.
    pub(crate) fn normalised(&self) -> Option<&[Normalisation]> {
        match self {
            Self::Md5 { normalised } | Self::Sha1 { normalised } | Self::Sha256 { normalised } | Self::Digest { normalised, .. } => {
                Some(normalised)
            }
            _ => None,
        }
    }
}

/// A digest or checksum beside the three that vendors document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// MD2.
    Md2,
    /// MD4.
    Md4,
    /// SHA-224.
    Sha224,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-224.
    Sha3Of224,
    /// SHA3-256.
    Sha3Of256,
    /// SHA3-384.
    Sha3Of384,
    /// SHA3-512.
    Sha3Of512,
    /// RIPEMD-160.
    Ripemd160,
    /// Whirlpool.
    Whirlpool,
    /// BLAKE2b of 256 bits.
    Blake2bOf256,
    /// BLAKE2b of 512 bits.
    Blake2bOf512,
    /// BLAKE2s of 256 bits.
    Blake2s,
    /// BLAKE3.
    Blake3,
    /// MurmurHash3 of 128 bits, for machines of 64 bits.
    Murmur3Of128,
    /// xxHash of 64 bits.
    Xxhash64,
    /// MurmurHash3 of 32 bits. Chance makes such numbers, too: it never stands alone.
    Murmur3,
    /// xxHash of 32 bits. Chance makes such numbers, too: it never stands alone.
    Xxhash32,
    /// CRC-32. Chance makes such numbers, too: it never stands alone.
    Crc32,
}

/// What a vendor does to a value before hashing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalisation {
    /// White space at both ends removed.
    Trim,
    /// Lower case.
    Lowercase,
    /// Upper case.
    Uppercase,
    /// The first word alone.
    FirstWord,
    /// The last word alone.
    LastWord,
    /// White space and punctuation removed.
    LettersAndDigits,
    /// All white space removed.
    NoSpaces,
    /// Digits only.
    DigitsOnly,
    /// Digits only, without leading zeros.
    NoLeadingZeros,
    /// International form with `+`, read as a British number where it has no country code.
    E164,
    /// International form without `+`, read as a British number where it has no country code.
    E164NoPlus,
    /// British national form: digits only, with its leading zero.
    National,
    /// A plus and the digits, whatever they are.
    PlusDigits,
    /// Gmail's local part without dots.
    GmailDots,
    /// Gmail's local part without dots and without what follows a plus.
    GmailLocalPart,
    /// What stands before the `@` without dots and without what follows a plus, whoever the provider is (Microsoft, Reddit).
    LocalPart,
    /// What stands before the `@` without what follows a plus.
    NoPlusPart,
    /// Letters without their accents.
    NoAccents,
    /// `00` in the place of a leading plus.
    DoubleZero,
    /// Of a British postcode the first part, of an American one the first five digits.
    OutwardCode,
    /// Of a British postcode the first part and the digit after it.
    PostcodeSector,
    /// Date as `YYYYMMDD`.
    CompactDate,
    /// Date as `DD-MM-YYYY`.
    DayFirst,
    /// Date as `MM-DD-YYYY`.
    MonthFirst,
    /// Slashes in the place of hyphens.
    Slashes,
    /// Full stops in the place of hyphens.
    Dots,
}
