//! Words of closed lists: the name of each variant of an enum in a link, in a menu and in the reference.
//!
//! An enum of the domain states its words next to its mathematics, with the macro `words!`. The match in it is
//! exhaustive: a variant without words does not compile.

/// The words of one variant of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The word in the link.
    pub value: &'static str,
    /// The name on the page.
    pub label: &'static str,
    /// One line of help; formulas stand between dollar signs.
    pub help: &'static str,
}

/// An enum whose variants have words. Numbers that a variant holds are not part of its word.
pub trait Words: Copy + 'static {
    /// The variants in the order of the menus. Variants with numbers have their standard numbers.
    const ALL: &'static [Self];
    /// The words of the variants, in the same order.
    const CHOICES: &'static [Choice];

    /// The position of a variant in these lists, whatever its numbers are.
    fn place(self) -> usize;

    /// The words of this variant.
    fn choice(self) -> &'static Choice {
        &Self::CHOICES[self.place()]
    }

    /// Its word in a link.
    fn word(self) -> &'static str {
        self.choice().value
    }

    /// Its name on the page.
    fn label(self) -> &'static str {
        self.choice().label
    }

    /// The variant with this word, with its standard numbers; `None` if the list does not have the word.
    fn of_word(word: &str) -> Option<Self> {
        let place = Self::CHOICES.iter().position(|c| c.value == word)?;
        Some(Self::ALL[place])
    }
}

/// Implements [`Words`]: `Variant => word, label, help;` for each variant, with its standard numbers if it has any.
#[macro_export]
macro_rules! words {
    ($list:ident { $(
        $variant:ident $(($($part:tt)*))? $({ $($field:tt)* })? => $value:literal, $label:literal, $help:literal;
    )+ }) => {
        impl $crate::word::Words for $list {
            const ALL: &'static [Self] = &[$(Self::$variant $(($($part)*))? $({ $($field)* })?),+];
            const CHOICES: &'static [$crate::word::Choice] = &[$($crate::word::Choice {
                value: $value,
                label: $label,
                help: $help,
            }),+];

            fn place(self) -> usize {
                enum Place { $($variant),+ }
                match self { $(Self::$variant { .. } => Place::$variant as usize),+ }
            }
        }
    };
}

pub use words;

/// A closed list, or a part of one in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    all: &'static [Choice],
    /// Bit i is set if the list contains choice number i.
    there: u32,
}

impl Choices {
    /// All of a list, of 32 at most.
    pub fn all(all: &'static [Choice]) -> Self {
        Self {
            all,
            there: u32::MAX,
        }
    }

    /// The variants for which `keep` is true, in the order of the list.
    pub fn of<T: Words>(keep: impl Fn(T) -> bool) -> Self {
        let bit = |(i, t): (usize, &T)| u32::from(keep(*t)) << i;
        Self {
            all: T::CHOICES,
            there: T::ALL.iter().enumerate().map(bit).sum(),
        }
    }

    /// The choices.
    pub fn iter(&self) -> impl Iterator<Item = &'static Choice> + use<> {
        let Self { all, there } = *self;
        let here = move |i: &usize| there >> i & 1 == 1;
        (0..all.len()).filter(here).map(move |i| &all[i])
    }

    /// The choice with this word, if there is one.
    pub fn find(&self, word: &str) -> Option<&'static Choice> {
        self.iter().find(|c| c.value == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Fruit {
        Apple,
        Plums(u32),
        Pear { ripe: bool },
    }

    words!(Fruit {
        Apple => "apple", "Apple", "One";
        Plums(3) => "plums", "Plums", "Some";
        Pear { ripe: true } => "pear", "Pear", "Green or not";
    });

    #[test]
    fn a_word_is_that_of_its_variant_whatever_its_numbers() {
        assert_eq!(Fruit::Plums(7).word(), "plums");
        assert_eq!(Fruit::of_word("plums"), Some(Fruit::Plums(3)));
        assert_eq!(Fruit::of_word("pear"), Some(Fruit::Pear { ripe: true }));
        assert_eq!(Fruit::Apple.label(), "Apple");
        assert_eq!(Fruit::of_word("Apple"), None);
    }

    #[test]
    fn a_part_of_a_list_keeps_its_order() {
        let part = Choices::of(|f: Fruit| f != Fruit::Apple);
        let words: Vec<_> = part.iter().map(|c| c.value).collect();
        assert_eq!(words, ["plums", "pear"]);
        assert!(part.find("apple").is_none() && part.find("pear").is_some());
    }
}
