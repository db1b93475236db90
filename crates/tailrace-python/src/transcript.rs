//! Transcripts of spoken sessions as turns.

use pyo3::{
    exceptions::PyValueError,
    intern,
    prelude::*,
    types::{PyBytes, PyString},
};
use tailrace_core::transcript::{Fragment, Reason, Rules, Session, Speaker, Text, Update};

use crate::guard::guard;

/// A segment as its number, that of the one before, whether the user said it, its text, start and end, and why it is closed.
type Told<'py> = (
    u32,
    Option<u32>,
    bool,
    Bound<'py, PyString>,
    i64,
    i64,
    Option<&'static str>,
);

/// One session; `now` is milliseconds of a clock that never goes back.
#[pyclass(module = "tailrace._native")]
pub(crate) struct Transcript(Session);

#[pymethods]
impl Transcript {
    /// Limits in milliseconds: separation, silence, the longest backchannel and its isolation; and acknowledgments beside
    /// the known ones.
    #[new]
    fn new(limits: [f64; 4], acknowledgments: Vec<Bound<'_, PyString>>) -> PyResult<Self> {
        guard(|| {
            let texts: PyResult<Vec<Text>> = acknowledgments.iter().map(read).collect();
            Ok(Transcript(Session::new(Rules::new(limits, &texts?))))
        })
    }

    /// Takes a fragment, in milliseconds of the session.
    fn push<'py>(
        &mut self,
        is_user: bool,
        text: &Bound<'py, PyString>,
        start: f64,
        end: f64,
        now: f64,
    ) -> PyResult<Vec<Told<'py>>> {
        guard(|| {
            let speaker = if is_user {
                Speaker::User
            } else {
                Speaker::Assistant
            };
            let fragment = Fragment {
                speaker,
                text: read(text)?,
                start,
                end,
            };
            told(text.py(), &self.0.push(fragment, now))
        })
    }

    /// Closes everything for good.
    fn finish<'py>(&mut self, py: Python<'py>, reason: &str, now: f64) -> PyResult<Vec<Told<'py>>> {
        guard(|| {
            let reason = Reason::named(reason)
                .ok_or_else(|| PyValueError::new_err(format!("`{reason}` closes no segment.")))?;
            told(py, &self.0.finish(reason, now))
        })
    }

    /// Does what is due.
    fn tick<'py>(&mut self, py: Python<'py>, now: f64) -> PyResult<Vec<Told<'py>>> {
        guard(|| told(py, &self.0.tick(now)))
    }

    /// The whole milliseconds after which `tick` has something to do, if it will have.
    fn delay(&self, now: f64) -> PyResult<Option<i64>> {
        guard(|| Ok(self.0.delay(now).map(whole)))
    }
}

fn told<'py>(py: Python<'py>, updates: &[Update]) -> PyResult<Vec<Told<'py>>> {
    let each = updates.iter().map(|update| {
        let segment = &update.segment;
        Ok((
            segment.id,
            segment.previous,
            segment.speaker == Speaker::User,
            write(py, &segment.text)?,
            whole(segment.start),
            whole(segment.end),
            update.reason.map(Reason::as_str),
        ))
    });
    each.collect()
}

/// Text of Python, which may have halves of surrogate pairs.
fn read(text: &Bound<'_, PyString>) -> PyResult<Text> {
    if let Ok(text) = text.to_str() {
        return Ok(Text::from(text));
    }
    let bytes = text.call_method1(intern!(text.py(), "encode"), ("utf-16-le", "surrogatepass"))?;
    let bytes = bytes.cast::<PyBytes>()?.as_bytes();
    let units = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|&unit| u16::from_le_bytes(unit));
    Ok(Text::from(units.collect::<Vec<u16>>()))
}

fn write<'py>(py: Python<'py>, text: &Text) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = String::from_utf16(text.units()) {
        return Ok(PyString::new(py, &text));
    }
    let bytes: Vec<u8> = text
        .units()
        .iter()
        .flat_map(|unit| unit.to_le_bytes())
        .collect();
    let bytes = PyBytes::new(py, &bytes);
    let text = bytes.call_method1(intern!(py, "decode"), ("utf-16-le", "surrogatepass"))?;
    Ok(text.cast_into()?)
}

/// Exact: times are below 2^53.
#[allow(clippy::cast_possible_truncation, reason = "see above")]
fn whole(milliseconds: f64) -> i64 {
    milliseconds as i64
}
