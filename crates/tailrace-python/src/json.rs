//! Python values as JSON text.

use std::fmt::Write as _;

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple},
};

use crate::guard::guard;

/// How deeply a value may nest, as for Python's own encoder within its recursion limit.
const MOST_DEPTH: usize = 900;

/// Compact JSON text of `value`, as `json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)`.
///
/// What is no JSON type goes through `default(value)`, whose result is encoded in its place. Raises ValueError for NaN and
/// infinities and for values nested in themselves, and TypeError for keys that are no JSON keys.
#[pyfunction]
pub(crate) fn encode_json<'py>(
    value: &Bound<'py, PyAny>,
    default: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    guard(|| {
        let mut encoder = Encoder {
            out: Vec::with_capacity(256),
            default,
            depth: 0,
        };
        encoder.value(value)?;
        Ok(PyBytes::new(value.py(), &encoder.out))
    })
}

struct Encoder<'a, 'py> {
    out: Vec<u8>,
    default: &'a Bound<'py, PyAny>,
    depth: usize,
}

impl<'py> Encoder<'_, 'py> {
    fn value(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(text) = value.cast::<PyString>() {
            return self.string(text);
        }
        if value.is_none() {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        if let Ok(flag) = value.cast::<PyBool>() {
            self.out
                .extend_from_slice(if flag.is_true() { b"true" } else { b"false" });
            return Ok(());
        }
        if let Ok(int) = value.cast::<PyInt>() {
            return self.int(int);
        }
        if let Ok(float) = value.cast::<PyFloat>() {
            return self.float(float);
        }
        self.deeper()?;
        if let Ok(dict) = value.cast::<PyDict>() {
            self.dict(dict)?;
        } else if let Ok(list) = value.cast::<PyList>() {
            self.array(list.iter())?;
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            self.array(tuple.iter())?;
        } else {
            let replaced = self.default.call1((value,))?;
            self.value(&replaced)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn deeper(&mut self) -> PyResult<()> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(PyValueError::new_err(format!(
                "the request body is nested more than {MOST_DEPTH} levels deep, or contains itself; flatten it"
            )));
        }
        Ok(())
    }

    fn dict(&mut self, dict: &Bound<'py, PyDict>) -> PyResult<()> {
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in dict.iter() {
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            self.key(&key)?;
            self.out.push(b':');
            self.value(&value)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn key(&mut self, key: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(text) = key.cast::<PyString>() {
            return self.string(text);
        }
        let is_scalar = key.is_none()
            || key.is_instance_of::<PyBool>()
            || key.is_instance_of::<PyInt>()
            || key.is_instance_of::<PyFloat>();
        if !is_scalar {
            return Err(PyTypeError::new_err(format!(
                "keys must be str, int, float, bool or None, not {}",
                key.get_type().name()?
            )));
        }
        self.out.push(b'"');
        self.value(key)?;
        self.out.push(b'"');
        Ok(())
    }

    fn array(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<()> {
        self.out.push(b'[');
        let mut first = true;
        for item in items {
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            self.value(&item)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn int(&mut self, int: &Bound<'py, PyInt>) -> PyResult<()> {
        match int.extract::<i64>() {
            // Writing to a vector cannot fail.
            Ok(small) => drop(write!(Text(&mut self.out), "{small}")),
            Err(_) => {
                // `int.__repr__`, so that an enum member writes its number.
                let digits = int
                    .py()
                    .get_type::<PyInt>()
                    .call_method1("__repr__", (int,))?;
                self.out
                    .extend_from_slice(digits.extract::<&str>()?.as_bytes());
            }
        }
        Ok(())
    }

    fn float(&mut self, float: &Bound<'py, PyFloat>) -> PyResult<()> {
        if !float.value().is_finite() {
            return Err(PyValueError::new_err(
                "Out of range float values are not JSON compliant: NaN and infinities cannot be sent; replace them",
            ));
        }
        // Python's shortest digits, in Python's notation.
        let digits = float
            .py()
            .get_type::<PyFloat>()
            .call_method1("__repr__", (float,))?;
        self.out
            .extend_from_slice(digits.extract::<&str>()?.as_bytes());
        Ok(())
    }

    fn string(&mut self, text: &Bound<'py, PyString>) -> PyResult<()> {
        let text = text.to_cow().map_err(|_| {
            PyValueError::new_err(
                "a text of the request body has a lone surrogate, which UTF-8 cannot carry; replace it",
            )
        })?;
        self.out.push(b'"');
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| needs_escape(*byte)) {
            let (plain, escaped) = rest.split_at(at);
            self.out.extend_from_slice(plain);
            if let Some((byte, after)) = escaped.split_first() {
                self.escape(*byte);
                rest = after;
            }
        }
        self.out.extend_from_slice(rest);
        self.out.push(b'"');
        Ok(())
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.out.extend_from_slice(b"\\\""),
            b'\\' => self.out.extend_from_slice(b"\\\\"),
            b'\n' => self.out.extend_from_slice(b"\\n"),
            b'\r' => self.out.extend_from_slice(b"\\r"),
            b'\t' => self.out.extend_from_slice(b"\\t"),
            0x08 => self.out.extend_from_slice(b"\\b"),
            0x0C => self.out.extend_from_slice(b"\\f"),
            _ => drop(write!(Text(&mut self.out), "\\u{byte:04x}")),
        }
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Formats into bytes.
struct Text<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
