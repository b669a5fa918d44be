//! The container of a network's file: a burnpack of tensors of f32 or f16, as burn's own crate writes it.
//!
//! magic `NRUB`, version `u16`, length of the index `u32` (little-endian); the index, a map in CBOR (RFC 8949); zeros up to
//! a multiple of 256; the tensors, each from a multiple of 256 on. The index is
//! `{"tensors": {name: {"dtype", "shape", "data_offsets": [start, end]}}, "metadata": {key: text}}`; other keys are passed over.
//!
//! Written here because burn's crate `burn-pack`, which reads every kind of tensor, takes 30 kB of the page's first
//! load. The tests hold the two to the same bytes.

/// The first bytes of a file.
pub const MAGIC: &[u8] = b"NRUB";
const VERSION: u16 = 1;
/// Bytes before the index.
const HEADER: usize = 10;
/// Where the data of a tensor may start: multiples of this.
const ALIGNMENT: usize = 256;

/// The numbers of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// 32 bits.
    F32,
    /// 16 bits.
    F16,
}

impl Number {
    const ALL: [Self; 2] = [Self::F32, Self::F16];

    /// Its name in the index.
    fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
        }
    }
}

/// Types of an item of CBOR: the three highest bits of its first byte.
const NUMBER: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// A tensor of a file.
#[derive(Debug, Default)]
pub struct Tensor<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its numbers; `None` if they are of another kind.
    pub number: Option<Number>,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Their bytes, little-endian.
    pub bytes: &'a [u8],
}

/// A file that was read.
#[derive(Debug, Default)]
pub struct Pack<'a> {
    /// Its tensors.
    pub tensors: Vec<Tensor<'a>>,
    /// Its texts by key.
    pub metadata: Vec<(&'a str, &'a str)>,
}

impl<'a> Pack<'a> {
    /// Reads a file; `None` if it is no burnpack, of a later version, or not whole.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut header = Items(bytes.strip_prefix(MAGIC)?);
        let version = u16::from_le_bytes(header.take(2)?.try_into().ok()?);
        let length = u32::from_le_bytes(header.take(4)?.try_into().ok()?) as usize;
        let mut index = Items(header.take(length)?);
        if version > VERSION {
            return None;
        }
        let start = (HEADER + length).next_multiple_of(ALIGNMENT);
        let mut pack = Self::default();
        let mut has_tensors = false;
        for _ in 0..index.count(MAP)? {
            match index.text()? {
                "tensors" => {
                    has_tensors = true;
                    for _ in 0..index.count(MAP)? {
                        pack.tensors.push(tensor(&mut index, bytes, start)?);
                    }
                }
                "metadata" => {
                    for _ in 0..index.count(MAP)? {
                        pack.metadata.push((index.text()?, index.text()?));
                    }
                }
                _ => index.pass()?,
            }
        }
        has_tensors.then_some(pack)
    }

    /// The text of a key.
    pub fn said(&self, key: &str) -> Option<&'a str> {
        self.metadata.iter().find(|m| m.0 == key).map(|m| m.1)
    }
}

/// The next name and description in the index, with the bytes that it names in a file whose data begin at `start`.
fn tensor<'a>(index: &mut Items<'a>, file: &'a [u8], start: usize) -> Option<Tensor<'a>> {
    let mut tensor = Tensor {
        name: index.text()?,
        ..Tensor::default()
    };
    let mut range = None;
    for _ in 0..index.count(MAP)? {
        match index.text()? {
            "dtype" if index.next_is(TEXT) => {
                let name = index.text()?;
                tensor.number = Number::ALL.into_iter().find(|n| n.name() == name);
            }
            "shape" => {
                let dimensions = index.count(LIST)?;
                tensor.shape = (0..dimensions)
                    .map(|_| index.size())
                    .collect::<Option<_>>()?;
            }
            "data_offsets" => {
                if index.count(LIST)? != 2 {
                    return None;
                }
                let from = start.checked_add(index.size()?)?;
                range = Some(from..start.checked_add(index.size()?)?);
            }
            _ => index.pass()?,
        }
    }
    tensor.bytes = file.get(range?)?;
    let Some(number) = tensor.number else {
        return Some(tensor);
    };
    let mut sizes = tensor.shape.iter();
    let expected = sizes.try_fold(number.bytes(), |all, size| all.checked_mul(*size))?;
    (tensor.bytes.len() == expected).then_some(tensor)
}

/// Items of CBOR that are still to be read.
struct Items<'a>(&'a [u8]);

impl<'a> Items<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The type of the next item and the number in its head: its value, its length, or how many items it has.
    fn head(&mut self) -> Option<(u8, u64)> {
        let first = self.take(1)?[0];
        let more = match first & 31 {
            small @ 0..24 => return Some((first >> 5, u64::from(small))),
            size @ 24..28 => self.take(1 << (size - 24))?,
            // Without a length: burn writes none of these.
            _ => return None,
        };
        let value = more.iter().fold(0, |all, b| all << 8 | u64::from(*b));
        Some((first >> 5, value))
    }

    fn next_is(&self, kind: u8) -> bool {
        self.0.first().is_some_and(|first| first >> 5 == kind)
    }

    /// How many items or bytes the next item has, which must be of this type.
    fn count(&mut self, kind: u8) -> Option<usize> {
        let (found, count) = self.head()?;
        (found == kind).then(|| usize::try_from(count).ok())?
    }

    fn size(&mut self) -> Option<usize> {
        self.count(NUMBER)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.count(TEXT)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// Passes over the next item, with all that is in it.
    fn pass(&mut self) -> Option<()> {
        let mut left = 1u64;
        while left > 0 {
            let (kind, value) = self.head()?;
            let inside = match kind {
                BYTES | TEXT => {
                    self.take(usize::try_from(value).ok()?)?;
                    0
                }
                LIST => value,
                MAP => value.checked_mul(2)?,
                TAG => 1,
                _ => 0,
            };
            left = (left - 1).checked_add(inside)?;
        }
        Some(())
    }
}

/// A tensor to be written: name, shape, little-endian numbers.
pub type Part = (String, Vec<usize>, Vec<u8>);

/// A file of tensors of one kind, whose data follow each other in their order, and of texts in the order of their keys.
pub fn write(number: Number, tensors: &[Part], metadata: &[(&str, &str)]) -> Vec<u8> {
    // The index goes by name.
    let mut by_name: Vec<(&Part, usize)> = Vec::new();
    let mut end = 0usize;
    for part in tensors {
        let start = end.next_multiple_of(ALIGNMENT);
        end = start + part.2.len();
        let place = by_name.partition_point(|other| other.0.0 < part.0);
        by_name.insert(place, (part, start));
    }
    let mut index = Vec::new();
    head(&mut index, MAP, 2);
    text(&mut index, "tensors");
    head(&mut index, MAP, by_name.len());
    for ((name, shape, bytes), start) in by_name {
        text(&mut index, name);
        head(&mut index, MAP, 3);
        text(&mut index, "dtype");
        text(&mut index, number.name());
        text(&mut index, "shape");
        numbers(&mut index, shape);
        text(&mut index, "data_offsets");
        numbers(&mut index, &[start, start + bytes.len()]);
    }
    text(&mut index, "metadata");
    head(&mut index, MAP, metadata.len());
    for (key, value) in metadata {
        text(&mut index, key);
        text(&mut index, value);
    }
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    // Text of some kilobytes: far from 4 GB.
    out.extend((index.len() as u32).to_le_bytes());
    out.extend(index);
    for (_, _, bytes) in tensors {
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        out.extend(bytes);
    }
    out
}

/// Writes the head of an item, as short as it can be.
fn head(out: &mut Vec<u8>, kind: u8, value: usize) {
    let bytes = (value as u64).to_be_bytes();
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let (size, rest) = match bytes.len() - zeros {
        0 | 1 if value < 24 => (value as u8, 8),
        0 | 1 => (24, 7),
        2 => (25, 6),
        3 | 4 => (26, 4),
        _ => (27, 0),
    };
    out.push(kind << 5 | size);
    out.extend(&bytes[rest..]);
}

fn text(out: &mut Vec<u8>, text: &str) {
    head(out, TEXT, text.len());
    out.extend(text.as_bytes());
}

fn numbers(out: &mut Vec<u8>, all: &[usize]) {
    head(out, LIST, all.len());
    for value in all {
        head(out, NUMBER, *value);
    }
}
