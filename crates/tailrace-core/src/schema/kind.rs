//! The kinds of JSON values that the first byte of a value tells apart.

/// What a value is by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null = 1,
    Bool = 2,
    Number = 4,
    Text = 8,
    Array = 16,
    Object = 32,
}

impl Kind {
    pub(super) const ALL: [Kind; 6] = [
        Kind::Null,
        Kind::Bool,
        Kind::Number,
        Kind::Text,
        Kind::Array,
        Kind::Object,
    ];

    /// With its article, for a sentence.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool => "a boolean",
            Kind::Number => "a number",
            Kind::Text => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Kinds = Kinds(0);
    pub(super) const ALL: Kinds = Kinds(63);

    pub(super) const fn of(kind: Kind) -> Self {
        Kinds(kind as u8)
    }

    /// The kinds that a value of `type` can have; none for a name that is no type.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "null" => Kinds::of(Kind::Null),
            "boolean" => Kinds::of(Kind::Bool),
            "number" | "integer" => Kinds::of(Kind::Number),
            "string" => Kinds::of(Kind::Text),
            "array" => Kinds::of(Kind::Array),
            "object" => Kinds::of(Kind::Object),
            _ => Kinds::NONE,
        }
    }

    pub(super) fn has(self, kind: Kind) -> bool {
        self.0 & kind as u8 != 0
    }

    pub(super) fn or(self, other: Kinds) -> Self {
        Kinds(self.0 | other.0)
    }

    pub(super) fn and(self, other: Kinds) -> Self {
        Kinds(self.0 & other.0)
    }

    pub(super) fn add(&mut self, kind: Kind) {
        self.0 |= kind as u8;
    }
}
