//! A value of the shape that a JSON schema asks for.

use serde_json::{Map, Value, json};

/// Beyond this depth only what is required is filled in, so that recursive schemas end.
const DEEP: usize = 6;
/// A schema that requires itself has no finite value.
const TOO_DEEP: usize = 24;

/// Gives a value of that shape; `text` is what strings say.
pub(crate) fn sample(schema: &Value, text: &str) -> Value {
    Sampler { root: schema, text }.value(schema, 0)
}

struct Sampler<'a> {
    root: &'a Value,
    text: &'a str,
}

impl Sampler<'_> {
    fn value(&self, schema: &Value, depth: usize) -> Value {
        if depth > TOO_DEEP {
            return Value::Null;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer));
            return target.map_or(Value::Null, |target| self.value(target, depth + 1));
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(value) = schema.get("enum").and_then(|values| values.get(0)) {
            return value.clone();
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(options) = schema.get(key).and_then(Value::as_array) {
                // Deep down `null` ends a recursive type.
                let choice = if depth > DEEP {
                    options.iter().find(|option| is_null(option))
                } else {
                    None
                };
                let choice = choice.or_else(|| options.iter().find(|option| !is_null(option)));
                return choice
                    .or(options.first())
                    .map_or(Value::Null, |option| self.value(option, depth + 1));
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(parts, depth);
        }
        self.typed(schema, depth)
    }

    fn all_of(&self, parts: &[Value], depth: usize) -> Value {
        let mut merged = Map::new();
        for part in parts {
            match self.value(part, depth + 1) {
                Value::Object(fields) => merged.extend(fields),
                other if merged.is_empty() => return other,
                _ => {}
            }
        }
        Value::Object(merged)
    }

    fn typed(&self, schema: &Value, depth: usize) -> Value {
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => Value::String(self.string(schema)),
            "integer" => json!(number(schema, 1.0).ceil() as i64),
            "number" => json!(number(schema, 1.5)),
            "boolean" => json!(true),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut fields = Map::new();
        for (name, property) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if depth <= DEEP || required.contains(&name.as_str()) {
                fields.insert(name.clone(), self.value(property, depth + 1));
            }
        }
        Value::Object(fields)
    }

    fn array(&self, schema: &Value, depth: usize) -> Value {
        let least = schema
            .get("minItems")
            .and_then(Value::as_u64)
            .unwrap_or(0)
            .min(16);
        let count = if depth > DEEP { least } else { least.max(1) };
        let empty = json!({ "type": "string" });
        let item = schema
            .get("items")
            .filter(|items| items.is_object())
            .unwrap_or(&empty);
        (0..count).map(|_| self.value(item, depth + 1)).collect()
    }

    fn string(&self, schema: &Value) -> String {
        match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => return "2026-01-31T12:00:00Z".to_owned(),
            Some("date") => return "2026-01-31".to_owned(),
            Some("time") => return "12:00:00Z".to_owned(),
            Some("email") => return "someone@example.com".to_owned(),
            Some("uuid") => return "123e4567-e89b-42d3-a456-426614174000".to_owned(),
            Some("uri") => return "https://example.com/".to_owned(),
            Some("ipv4") => return "192.0.2.1".to_owned(),
            _ => {}
        }
        let least = length(schema, "minLength").unwrap_or(0).min(4096);
        let most = length(schema, "maxLength").unwrap_or(40).max(least);
        let padding = " and so on".chars().cycle();
        let size = self.text.chars().count().clamp(least, most);
        self.text.chars().chain(padding).take(size).collect()
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or("null"),
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

fn number(schema: &Value, usual: f64) -> f64 {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|bound| bound + 1.0));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|bound| bound - 1.0));
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let number = usual
        .max(least.unwrap_or(usual))
        .min(most.unwrap_or(f64::MAX));
    step.map_or(number, |step| (number / step).ceil() * step)
}

fn length(schema: &Value, key: &str) -> Option<usize> {
    schema
        .get(key)
        .and_then(Value::as_u64)
        .and_then(|length| usize::try_from(length).ok())
}
