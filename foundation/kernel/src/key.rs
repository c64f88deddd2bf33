//! Keys of the store: tuples whose byte order is the order of their parts.
//!
//! A part never contains its own end mark, so a key is a prefix of another exactly when its parts are the other's first parts.
//! Text: the bytes, each 0x00 followed by 0xFF, then 0x00 0x01. Numbers: a tag and eight big-endian bytes.

use std::fmt;

const TEXT: u8 = 0x02;
const NUMBER: u8 = 0x03;

/// An order-preserving tuple of texts and numbers. At most [`crate::limits::KEY_BYTES_MAX`] bytes, which `Store::commit` checks.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

impl Key {
    /// The empty key, which is a prefix of every key.
    pub fn new() -> Key {
        Key::default()
    }

    /// A key out of bytes that a store gave back.
    pub fn from_bytes(bytes: Vec<u8>) -> Key {
        Key(bytes)
    }

    /// Appends a text.
    pub fn text(mut self, text: &str) -> Key {
        self.0.push(TEXT);
        for byte in text.bytes() {
            self.0.push(byte);
            if byte == 0 {
                self.0.push(0xFF);
            }
        }
        self.0.extend([0, 1]);
        self
    }

    /// Appends a number.
    pub fn number(mut self, number: u64) -> Key {
        self.0.push(NUMBER);
        self.0.extend(number.to_be_bytes());
        self
    }

    /// Appends all parts of another key.
    pub fn then(mut self, tail: &Key) -> Key {
        self.0.extend(&tail.0);
        self
    }

    /// The first key that is greater than every key that starts with this one, or `None` if there is none.
    pub fn after_prefix(&self) -> Option<Key> {
        let mut end = self.0.clone();
        while let Some(last) = end.pop() {
            if last < 0xFF {
                end.push(last + 1);
                return Some(Key(end));
            }
        }
        None
    }

    /// True if `self` starts with all parts of `prefix`.
    pub fn starts_with(&self, prefix: &Key) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// The bytes, in the order that stores sort by.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The parts, for people and for the bus.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut rest = self.0.as_slice();
        while let Some((&tag, tail)) = rest.split_first() {
            match tag {
                NUMBER if tail.len() >= 8 => {
                    let (number, tail) = tail.split_at(8);
                    parts.push(Part::Number(u64::from_be_bytes(
                        number.try_into().expect("eight bytes were split off"),
                    )));
                    rest = tail;
                }
                TEXT => {
                    let mut text = Vec::new();
                    let mut at = 0;
                    while at < tail.len() && !(tail[at] == 0 && tail.get(at + 1) == Some(&1)) {
                        text.push(tail[at]);
                        at += if tail[at] == 0 { 2 } else { 1 };
                    }
                    parts.push(Part::Text(String::from_utf8_lossy(&text).into_owned()));
                    rest = tail.get(at + 2..).unwrap_or(&[]);
                }
                _ => break,
            }
        }
        parts
    }
}

/// One part of a [`Key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.parts() {
            match part {
                Part::Text(text) => write!(f, "/{text}")?,
                Part::Number(number) => write!(f, "/{number}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
