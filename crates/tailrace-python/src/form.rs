//! Request bodies: bytes, forms with files, and what is pushed.

use std::fs::File;

use bytes::Bytes;
#[cfg(not(unix))]
use pyo3::exceptions::PyNotImplementedError;
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};
use tailrace_client::{FileRange, Source};
use tailrace_core::request::{Content, Field, Segment};

use crate::{guard::guard, options::QUOTING, sink::Sink};

/// A part of an open file, read while it is sent. It has a descriptor of its own, so the caller's file may be closed, and
/// reads by position, so the caller's position stays.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct FileSource(FileRange);

#[pymethods]
impl FileSource {
    /// `length` bytes of the file open as `fd`, from `offset` on.
    ///
    /// Raises OSError for a bad descriptor, and NotImplementedError where descriptors cannot be duplicated (Windows).
    #[new]
    fn new(py: Python<'_>, fd: i32, offset: u64, length: u64) -> PyResult<Self> {
        guard(|| {
            Ok(FileSource(FileRange::new(
                duplicate(py, fd)?,
                offset,
                length,
            )))
        })
    }

    /// In bytes.
    #[getter]
    fn length(&self) -> u64 {
        self.0.len()
    }
}

/// A file of our own for the file open as `fd`.
#[cfg(unix)]
fn duplicate(py: Python<'_>, fd: i32) -> PyResult<File> {
    use std::os::fd::{FromRawFd, OwnedFd};

    let copy: i32 = py
        .import(pyo3::intern!(py, "os"))?
        .call_method1(pyo3::intern!(py, "dup"), (fd,))?
        .extract()?;
    // SAFETY: `os.dup` has just made this descriptor, or raised; nobody else knows it, so nobody else closes it.
    #[allow(unsafe_code, reason = "there is no safe way to own a descriptor")]
    let owned = unsafe { OwnedFd::from_raw_fd(copy) };
    Ok(File::from(owned))
}

#[cfg(not(unix))]
fn duplicate(_py: Python<'_>, _fd: i32) -> PyResult<File> {
    Err(PyNotImplementedError::new_err(
        "files are not sent from disk on this system; read them to bytes",
    ))
}

/// A form. It can be sent any number of times.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Multipart {
    form: tailrace_core::request::Multipart,
    sources: Vec<Source>,
}

#[derive(FromPyObject)]
enum Value<'py> {
    Bytes(Bound<'py, PyBytes>),
    File(Bound<'py, FileSource>),
}

/// Name, file name, headers and content.
type Given<'py> = (String, Option<String>, Vec<(String, String)>, Value<'py>);

#[pymethods]
impl Multipart {
    /// A form with these fields, in this order.
    ///
    /// Raises ValueError for a header that cannot be sent.
    #[new]
    fn new(fields: Vec<Given<'_>>) -> PyResult<Self> {
        guard(|| {
            let mut sources = Vec::new();
            let fields = fields
                .into_iter()
                .map(|(name, filename, headers, value)| Field {
                    name,
                    filename,
                    headers,
                    content: segment(value, &mut sources),
                })
                .collect();
            let form = tailrace_core::request::Multipart {
                boundary: tailrace_client::boundary(),
                quoting: QUOTING,
                fields,
            };
            form.check()
                .map_err(|error| PyValueError::new_err(error.message().to_owned()))?;
            Ok(Multipart { form, sources })
        })
    }
}

fn segment(value: Value<'_>, sources: &mut Vec<Source>) -> Segment {
    match value {
        Value::Bytes(bytes) => Segment::Bytes(Bytes::copy_from_slice(bytes.as_bytes())),
        Value::File(file) => {
            let range = &file.get().0;
            sources.push(Source::File(range.clone()));
            Segment::Source {
                index: sources.len() - 1,
                length: Some(range.len()),
            }
        }
    }
}

/// The body of a request.
#[derive(FromPyObject)]
pub(crate) enum Body<'py> {
    Bytes(Bound<'py, PyBytes>),
    Form(Bound<'py, Multipart>),
    Pushed(Bound<'py, Sink>),
}

impl Body<'_> {
    /// Runs `start` with what the request carries and where the parts of it are that are not in memory.
    pub(crate) fn with<T>(
        body: Option<&Self>,
        start: impl FnOnce(Option<Content<'_>>, Vec<Source>) -> T,
    ) -> T {
        match body {
            None => start(None, Vec::new()),
            Some(Body::Bytes(bytes)) => {
                let bytes = Bytes::copy_from_slice(bytes.as_bytes());
                start(Some(Content::Bytes(&bytes)), Vec::new())
            }
            Some(Body::Form(form)) => {
                let form = form.get();
                start(Some(Content::Multipart(&form.form)), form.sources.clone())
            }
            Some(Body::Pushed(sink)) => {
                let (length, source) = sink.get().read();
                start(Some(Content::Source(length)), vec![source])
            }
        }
    }
}
