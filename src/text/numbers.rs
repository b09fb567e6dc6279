//! Lists of numbers that were either made now or are part of the program.
//!
//! What `build.rs` prepares is kept as little-endian bytes and read where it lies: a start neither
//! copies nor decodes it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of fixed size.
pub trait Number: Copy {
    /// Its bytes.
    const SIZE: usize;

    /// Reads the number at position `at` of a list.
    ///
    /// # Panics
    ///
    /// If the list is shorter.
    fn read(list: &[u8], at: usize) -> Self;

    /// Its bytes behind those of the numbers before it.
    fn write(self, list: &mut Vec<u8>);
}

macro_rules! number {
    ($($kind:ty),+) => {$(
        impl Number for $kind {
            const SIZE: usize = size_of::<$kind>();

            #[inline]
            fn read(list: &[u8], at: usize) -> Self {
                let mut bytes = [0; Self::SIZE];
                bytes.copy_from_slice(&list[at * Self::SIZE..][..Self::SIZE]);
                Self::from_le_bytes(bytes)
            }

            fn write(self, list: &mut Vec<u8>) {
                list.extend_from_slice(&self.to_le_bytes());
            }
        }
    )+};
}

number!(u8, u16, u32, u64);

/// A list of numbers.
#[derive(Clone)]
pub enum Numbers<T: 'static> {
    /// Made now.
    Made(Vec<T>),
    /// Part of the program.
    Image(&'static [u8]),
}

impl<T: Number> Numbers<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Made(list) => list.len(),
            Self::Image(list) => list.len() / T::SIZE,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a position.
    ///
    /// # Panics
    ///
    /// If there are no more than `at`.
    #[inline]
    pub fn at(&self, at: usize) -> T {
        match self {
            Self::Made(list) => list[at],
            Self::Image(list) => T::read(list, at),
        }
    }
}

impl<T: Number> Numbers<T> {
    /// Adds numbers; a list that is part of the program is copied first.
    pub fn extend(&mut self, numbers: &[T]) {
        if let Self::Image(list) = self {
            let list = &**list;
            *self = Self::Made(
                (0..list.len() / T::SIZE)
                    .map(|at| T::read(list, at))
                    .collect(),
            );
        }
        if let Self::Made(list) = self {
            list.extend_from_slice(numbers);
        }
    }
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self::Made(Vec::new())
    }
}

impl Numbers<u8> {
    /// All of them, if they are part of the program.
    pub fn image(&self) -> Option<&'static [u8]> {
        match self {
            Self::Made(_) => None,
            Self::Image(list) => Some(list),
        }
    }

    /// All of them.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Made(list) => list,
            Self::Image(list) => list,
        }
    }
}

impl<T> From<Vec<T>> for Numbers<T> {
    fn from(list: Vec<T>) -> Self {
        Self::Made(list)
    }
}

impl<T: Number> fmt::Debug for Numbers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} numbers", self.len())
    }
}

impl<T: Number> Serialize for Numbers<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Made(list) => {
                let mut bytes = Vec::with_capacity(list.len() * T::SIZE);
                for number in list {
                    number.write(&mut bytes);
                }
                serializer.serialize_bytes(&bytes)
            }
            Self::Image(list) => serializer.serialize_bytes(list),
        }
    }
}

impl<'de: 'static, T: Number + 'static> Deserialize<'de> for Numbers<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Lie(PhantomData))
    }
}

/// Takes bytes where they lie.
struct Lie<T>(PhantomData<T>);

impl<'de: 'static, T: Number + 'static> Visitor<'de> for Lie<T> {
    type Value = Numbers<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "numbers of {} bytes each", T::SIZE)
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        if bytes.len().is_multiple_of(T::SIZE) {
            Ok(Numbers::Image(bytes))
        } else {
            Err(E::invalid_length(bytes.len(), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_where_they_lie() {
        let made = Numbers::from(vec![7_u32, u32::MAX, 0]);
        let image: &'static [u8] = postcard::to_allocvec(&made).unwrap().leak();
        let read: Numbers<u32> = postcard::from_bytes(image).unwrap();
        assert!(matches!(read, Numbers::Image(_)));
        let list: Vec<u32> = (0..read.len()).map(|at| read.at(at)).collect();
        assert_eq!(list, [7, u32::MAX, 0]);
        let wrong: Result<Numbers<u64>, _> = postcard::from_bytes(image);
        assert!(wrong.is_err());
    }
}
