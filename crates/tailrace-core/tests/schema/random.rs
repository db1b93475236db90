//! Schemas, documents and spellings from a seed.

use serde_json::{Map, Value, json};

/// The same numbers for the same seed (SplitMix64), after those that are given.
pub(crate) struct Random {
    state: u64,
    /// Bytes that decide, from the last on.
    given: Vec<u8>,
}

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Random {
            state: seed,
            given: Vec::new(),
        }
    }

    /// Choices that bytes make, one each, so that a fuzzer can change one without the others.
    pub(crate) fn given(bytes: &[u8]) -> Self {
        Random {
            state: 0,
            given: bytes.iter().rev().copied().collect(),
        }
    }

    pub(crate) fn next(&mut self) -> u64 {
        if let Some(byte) = self.given.pop() {
            return byte.into();
        }
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

const NAMES: [&str; 7] = ["a", "b", "ab", "abc", "x-1", "", "é/~\""];
const TEXTS: [&str; 12] = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "aab",
    "12",
    "2024-01-31",
    "é€😀",
    "a\n\"",
    "x1",
    "red",
];
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "-12",
    "1.5",
    "0.1",
    "2.0",
    "1e2",
    "12345678901",
    "-0.25",
];
const PATTERNS: [&str; 12] = [
    "^a",
    "b$",
    "^[a-c]+$",
    r"^\d{4}-\d{2}-\d{2}$",
    "a|1",
    "^(a|b)*$",
    "^x-",
    r"^\S*$",
    r"\bab\b",
    "^.{0,2}$",
    "^(?!b)",
    "^(?:red|green)$",
];
const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// A schema with three definitions that refer to each other.
pub(crate) fn schema(random: &mut Random) -> Value {
    let mut root = subschema(random, 3);
    let definitions: Map<String, Value> = (0..3)
        .map(|index| (index.to_string(), subschema(random, 2)))
        .collect();
    if let Value::Object(members) = &mut root {
        members.insert("$defs".into(), definitions.into());
        if random.percent(25) {
            members.insert(
                "$schema".into(),
                "http://json-schema.org/draft-07/schema#".into(),
            );
        }
    }
    root
}

fn subschema(random: &mut Random, depth: usize) -> Value {
    if random.percent(6) {
        return Value::Bool(random.percent(80));
    }
    let mut schema = Map::new();
    if random.percent(70) {
        let one = random.of(&TYPES);
        schema.insert(
            "type".into(),
            if random.percent(20) {
                json!([one, "null"])
            } else {
                json!(one)
            },
        );
    }
    for _ in 0..=random.below(3) {
        let (keyword, value) = keyword(random, depth);
        schema.insert(keyword.into(), value);
    }
    Value::Object(schema)
}

fn keyword(random: &mut Random, depth: usize) -> (&'static str, Value) {
    let simple = 14;
    let number: Value = serde_json::from_str(random.of(&NUMBERS)).unwrap();
    let size = json!(random.below(4));
    match random.below(if depth == 0 { simple } else { simple + 18 }) {
        0 => {
            let values: Vec<Value> = (0..=random.below(4)).map(|_| value(random, 1)).collect();
            let mut distinct: Vec<Value> = Vec::new();
            for value in values {
                if !distinct.contains(&value) {
                    distinct.push(value);
                }
            }
            ("enum", distinct.into())
        }
        1 => ("const", value(random, 1)),
        2 => (random.of(&["minimum", "exclusiveMinimum"]), number),
        3 => (random.of(&["maximum", "exclusiveMaximum"]), number),
        4 => (
            "multipleOf",
            random
                .of(&[json!(2), json!(3), json!(0.5), json!(0.1)])
                .clone(),
        ),
        5 => ("minLength", size),
        6 => ("maxLength", size),
        7 | 8 => ("pattern", json!(random.of(&PATTERNS))),
        9 => (random.of(&["minItems", "maxItems"]), size),
        10 => (random.of(&["minProperties", "maxProperties"]), size),
        11 => ("required", required(random)),
        12 => ("uniqueItems", json!(random.percent(70))),
        13 => ("$ref", json!(format!("#/$defs/{}", random.below(3)))),
        14 | 15 => ("items", subschema(random, depth - 1)),
        16 => ("prefixItems", several(random, depth)),
        17..=19 => ("properties", members(random, depth)),
        20 => {
            let rest = [json!(false), json!(false), subschema(random, 0)];
            ("additionalProperties", random.of(&rest))
        }
        21 => {
            let pattern = random.of(&PATTERNS).to_owned();
            (
                "patternProperties",
                json!({ pattern: subschema(random, depth - 1) }),
            )
        }
        22 => ("propertyNames", subschema(random, depth - 1)),
        23 | 24 => ("anyOf", several(random, depth)),
        25 | 26 => ("oneOf", several(random, depth)),
        27 => ("allOf", several(random, depth)),
        28 => ("not", subschema(random, depth - 1)),
        29 => ("contains", subschema(random, depth - 1)),
        30 => ("if", subschema(random, depth - 1)),
        _ => ("$ref", json!("#")),
    }
}

fn several(random: &mut Random, depth: usize) -> Value {
    (0..=random.below(3))
        .map(|_| subschema(random, depth - 1))
        .collect()
}

fn members(random: &mut Random, depth: usize) -> Value {
    let each =
        (0..=random.below(3)).map(|_| (random.of(&NAMES).to_owned(), subschema(random, depth - 1)));
    Value::Object(each.collect())
}

fn required(random: &mut Random) -> Value {
    let mut names: Vec<&str> = (0..=random.below(2)).map(|_| random.of(&NAMES)).collect();
    names.sort_unstable();
    names.dedup();
    json!(names)
}

/// Any value.
pub(crate) fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => Value::Bool(random.percent(50)),
        2 => serde_json::from_str(random.of(&NUMBERS)).unwrap(),
        3 | 4 => json!(random.of(&TEXTS)),
        5 => (0..random.below(4))
            .map(|_| value(random, depth - 1))
            .collect(),
        _ => {
            let each = (0..random.below(4))
                .map(|_| (random.of(&NAMES).to_owned(), value(random, depth - 1)));
            Value::Object(each.collect())
        }
    }
}

/// A value that tries to be an instance of a schema.
pub(crate) fn instance(random: &mut Random, root: &Value, schema: &Value, depth: usize) -> Value {
    let Value::Object(keywords) = schema else {
        return value(random, 1);
    };
    if depth == 0 || random.percent(4) {
        return value(random, 1);
    }
    if let Some(Value::String(reference)) = keywords.get("$ref") {
        let target = root
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or(root)
            .clone();
        return instance(random, root, &target, depth - 1);
    }
    if let Some(value) = keywords.get("const") {
        return value.clone();
    }
    if let Some(Value::Array(values)) = keywords.get("enum") {
        return random.of(values).clone();
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(branches)) = keywords.get(keyword)
            && random.percent(60)
        {
            let branch = random.of(branches).clone();
            return instance(random, root, &branch, depth - 1);
        }
    }
    let kind = match keywords.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => random.of(kinds).as_str().unwrap().to_owned(),
        _ if keywords.contains_key("properties") || keywords.contains_key("required") => {
            "object".to_owned()
        }
        _ if keywords.contains_key("items") => "array".to_owned(),
        _ => random.of(&TYPES).to_owned(),
    };
    match kind.as_str() {
        "null" => Value::Null,
        "boolean" => json!(random.percent(50)),
        "integer" => json!(random.below(14) as i64 - 3),
        "number" => serde_json::from_str(random.of(&NUMBERS)).unwrap(),
        "string" => json!(random.of(&TEXTS)),
        "array" => elements(random, root, keywords, depth),
        _ => object(random, root, keywords, depth),
    }
}

fn elements(
    random: &mut Random,
    root: &Value,
    keywords: &Map<String, Value>,
    depth: usize,
) -> Value {
    let first: &[Value] = keywords
        .get("prefixItems")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice);
    let rest = keywords.get("items").cloned().unwrap_or(Value::Bool(true));
    (0..random.below(4))
        .map(|index| instance(random, root, first.get(index).unwrap_or(&rest), depth - 1))
        .collect()
}

fn object(random: &mut Random, root: &Value, keywords: &Map<String, Value>, depth: usize) -> Value {
    let mut members = Map::new();
    if let Some(Value::Object(properties)) = keywords.get("properties") {
        for (name, schema) in properties {
            if random.percent(80) {
                members.insert(name.clone(), instance(random, root, schema, depth - 1));
            }
        }
    }
    for name in keywords
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = name.as_str().unwrap();
        if !members.contains_key(name) {
            members.insert(name.to_owned(), value(random, 1));
        }
    }
    if random.percent(15) {
        members.insert(random.of(&NAMES).to_owned(), value(random, 1));
    }
    Value::Object(members)
}

/// Makes a mistake somewhere in a value.
pub(crate) fn spoil(random: &mut Random, document: &mut Value) {
    let is_here = random.percent(25);
    match document {
        Value::Array(elements) if !elements.is_empty() => {
            let index = random.below(elements.len());
            match random.below(4) {
                _ if !is_here => spoil(random, &mut elements[index]),
                0 => drop(elements.remove(index)),
                1 => elements.push(elements[index].clone()),
                2 => elements.insert(index, value(random, 1)),
                _ => elements.truncate(index),
            }
        }
        Value::Object(members) if !members.is_empty() => {
            let index = random.below(members.len());
            let name = members.keys().nth(index).unwrap().clone();
            match random.below(4) {
                _ if !is_here => spoil(random, members.get_mut(&name).unwrap()),
                0 => drop(members.remove(&name)),
                1 => {
                    let member = members.remove(&name).unwrap();
                    members.insert(format!("{name}x"), member);
                }
                2 => drop(members.insert(name, value(random, 1))),
                _ => drop(members.insert(random.of(&NAMES).to_owned(), value(random, 1))),
            }
        }
        Value::String(text) if !is_here => match random.below(3) {
            0 => text.push_str(random.of(&TEXTS)),
            1 => drop(text.pop()),
            _ => text.insert(0, 'é'),
        },
        other => *other = value(random, 1),
    }
}

/// A JSON text of a value, with spaces, escapes and forms of numbers that come by chance.
pub(crate) fn spelled(random: &mut Random, value: &Value) -> String {
    let mut text = String::new();
    write(random, value, &mut text);
    text
}

fn write(random: &mut Random, value: &Value, text: &mut String) {
    space(random, text);
    match value {
        Value::Null | Value::Bool(_) => text.push_str(&value.to_string()),
        Value::Number(number) => {
            let plain = number.to_string();
            match number.as_i64() {
                Some(_) if random.percent(10) => text.push_str(&format!("{plain}.0")),
                Some(1..) if random.percent(10) => text.push_str(&format!("{plain}0e-1")),
                Some(_) if random.percent(10) => text.push_str(&format!("{plain}E+0")),
                _ => text.push_str(&plain),
            }
        }
        Value::String(content) => quote(random, content, text),
        Value::Array(elements) => {
            text.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(random, element, text);
            }
            space(random, text);
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            if random.percent(40) {
                members.reverse();
            }
            for (index, (name, member)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                space(random, text);
                quote(random, name, text);
                space(random, text);
                text.push(':');
                write(random, member, text);
            }
            space(random, text);
            text.push('}');
        }
    }
    space(random, text);
}

fn space(random: &mut Random, text: &mut String) {
    if random.percent(12) {
        text.push_str(random.of(&[" ", "\n", "\t "]));
    }
}

fn quote(random: &mut Random, content: &str, text: &mut String) {
    text.push('"');
    for character in content.chars() {
        if random.percent(12) || matches!(character, '"' | '\\' | ..' ') {
            for unit in character.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(character);
        }
    }
    text.push('"');
}
