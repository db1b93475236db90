//! Vectors of an answer: one block of memory that Python reads and writes in place, or lists of floats.

use std::ptr::NonNull;

use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyByteArray, PyBytes, PyList},
};
use tailrace_core::vectors::{self, Names};

use crate::{guard::guard, reply::Reply};

/// Bytes of a 32-bit float.
const SIZE: usize = size_of::<f32>();

/// The vectors of a reply, decoded from its text to one block of 32-bit floats, which the buffer protocol gives as rows and
/// columns.
#[pyclass(frozen, subclass, module = "tailrace._native")]
pub(crate) struct Vectors {
    block: Block,
    rows: usize,
    dimensions: usize,
    rest: Py<PyBytes>,
    /// What the views of the buffer protocol point to: numbers in each direction, and bytes to the next one.
    #[cfg(not(feature = "abi3"))]
    layout: Layout,
}

/// Memory that views of Python's may write.
struct Block {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: nothing in Rust reads or writes the memory once it is a block, but for `Vectors::copied` and `Drop`; who else does
// so holds a view, and keeps order among views as for every other buffer of Python's.
#[allow(unsafe_code, reason = "a pointer is neither without being told")]
unsafe impl Send for Block {}
// SAFETY: see above.
#[allow(unsafe_code, reason = "a pointer is neither without being told")]
unsafe impl Sync for Block {}

impl Block {
    fn new(bytes: Vec<u8>) -> Self {
        let length = bytes.len();
        let start = NonNull::from(Box::leak(bytes.into_boxed_slice())).cast();
        Block { start, length }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let slice = NonNull::slice_from_raw_parts(self.start, self.length);
        // SAFETY: the slice was leaked from a box in `new`, and is given back once; a view holds a reference to the object
        // that has this block, so that none is left.
        #[allow(unsafe_code, reason = "there is no safe way to take a leaked box back")]
        drop(unsafe { Box::from_raw(slice.as_ptr()) });
    }
}

#[pymethods]
impl Vectors {
    /// Decodes the vectors of `reply`: the member `vector` of each object of the list `list`, in the order of `index`.
    ///
    /// Raises ValueError, naming the row, when they are not vectors of one length.
    #[new]
    fn new(
        py: Python<'_>,
        reply: &Bound<'_, Reply>,
        list: &str,
        vector: &str,
        index: &str,
    ) -> PyResult<Self> {
        guard(|| {
            let names = Names {
                list,
                vector,
                index,
            };
            let body = reply.get().body();
            let read = py
                .detach(|| vectors::read(body, &names))
                .map_err(|fault| PyValueError::new_err(sentence(&fault)))?;
            let (rows, dimensions) = (read.rows, read.dimensions);
            Ok(Vectors {
                #[cfg(not(feature = "abi3"))]
                layout: Layout::new(rows, dimensions)?,
                block: Block::new(read.bytes),
                rows,
                dimensions,
                rest: PyBytes::new(py, &read.rest).unbind(),
            })
        })
    }

    /// How many vectors there are.
    #[getter]
    fn rows(&self) -> usize {
        self.rows
    }

    /// How many numbers each vector has.
    #[getter]
    fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// A view of the block.
    ///
    /// # Safety
    /// `view` is null or points to a `Py_buffer` to be filled, as Python's caller guarantees.
    #[cfg(not(feature = "abi3"))]
    #[allow(unsafe_code, reason = "the buffer protocol is one of pointers")]
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut pyo3::ffi::Py_buffer,
        flags: std::ffi::c_int,
    ) -> PyResult<()> {
        // SAFETY: the caller guarantees what `view` needs.
        unsafe { Layout::view(slf, view, flags) }
    }

    /// The block as a `bytearray` of its own, for a build of the package whose objects have no buffer protocol.
    fn copied<'py>(&self, py: Python<'py>) -> Bound<'py, PyByteArray> {
        // SAFETY: the memory is this object's and lives as long; it is copied while the GIL is held.
        #[allow(unsafe_code, reason = "a block is read by its pointer")]
        let bytes = unsafe {
            std::slice::from_raw_parts(self.block.start.as_ptr().cast_const(), self.block.length)
        };
        PyByteArray::new(py, bytes)
    }

    /// The JSON of the reply with its list empty.
    #[getter]
    fn rest(&self, py: Python<'_>) -> Py<PyBytes> {
        self.rest.clone_ref(py)
    }
}

/// The floats that base64 of little-endian 32-bit floats stands for; None where Python's decoder has to look closer.
#[pyfunction]
pub(crate) fn floats<'py>(py: Python<'py>, text: &str) -> PyResult<Option<Bound<'py, PyList>>> {
    guard(|| {
        let text = text.as_bytes();
        let mut bytes = Vec::with_capacity(text.len());
        if vectors::decode(text, &mut bytes).is_none() {
            return Ok(None);
        }
        let (floats, _) = bytes.as_chunks::<SIZE>();
        let floats = floats
            .iter()
            .map(|float| f64::from(f32::from_ne_bytes(*float)));
        PyList::new(py, floats).map(Some)
    })
}

/// The first letter of a message in upper case, as Python's own messages of this package have it.
fn sentence(fault: &vectors::Fault) -> String {
    let text = fault.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_ascii_uppercase(), letters.as_str()),
        None => text,
    }
}

#[cfg(not(feature = "abi3"))]
use layout::Layout;

/// The buffer protocol, which the stable interface of Python 3.10 has not.
#[cfg(not(feature = "abi3"))]
mod layout {
    #![allow(unsafe_code, reason = "each block says why it is sound")]

    use std::ffi::{CStr, c_int};

    use pyo3::{exceptions::PyBufferError, ffi, prelude::*};

    use super::{SIZE, Vectors};

    /// 32-bit floats in the byte order of the machine.
    const FLOAT: &CStr = c"f";

    /// Rows and columns, and the bytes from one to the next.
    pub(super) struct Layout {
        shape: [ffi::Py_ssize_t; 2],
        strides: [ffi::Py_ssize_t; 2],
    }

    impl Layout {
        pub(super) fn new(rows: usize, dimensions: usize) -> PyResult<Self> {
            let size = |count: usize| Ok::<_, PyErr>(ffi::Py_ssize_t::try_from(count)?);
            Ok(Layout {
                shape: [size(rows)?, size(dimensions)?],
                strides: [size(dimensions * SIZE)?, size(SIZE)?],
            })
        }
    }

    impl Layout {
        /// Fills a view of the block of `slf`: readable, writable, contiguous.
        ///
        /// # Safety
        /// `view` is null or points to a `Py_buffer` to be filled.
        pub(super) unsafe fn view(
            slf: Bound<'_, Vectors>,
            view: *mut ffi::Py_buffer,
            flags: c_int,
        ) -> PyResult<()> {
            if view.is_null() {
                return Err(PyBufferError::new_err("there is no view to fill"));
            }
            let this = slf.get();
            let wants = |flag: c_int| flags & flag == flag;
            // A column-major view is refused unless either order will do.
            let wants_columns = wants(ffi::PyBUF_F_CONTIGUOUS) && !wants(ffi::PyBUF_C_CONTIGUOUS);
            if wants_columns && this.rows > 1 && this.dimensions > 1 {
                // SAFETY: `view` is not null.
                unsafe { (*view).obj = std::ptr::null_mut() };
                return Err(PyBufferError::new_err(
                    "the vectors lie row after row; ask for a row-major view",
                ));
            }
            let length = ffi::Py_ssize_t::try_from(this.block.length)?;
            // SAFETY: `view` is not null. The pointers go to memory that the object owns and never moves, and the view owns a
            // reference to the object. Nobody writes through `format`, `shape` and `strides`, which the protocol forbids.
            unsafe {
                (*view).buf = this.block.start.as_ptr().cast();
                (*view).len = length;
                (*view).itemsize = SIZE as ffi::Py_ssize_t;
                (*view).readonly = 0;
                (*view).ndim = 2;
                (*view).format = if wants(ffi::PyBUF_FORMAT) {
                    FLOAT.as_ptr().cast_mut()
                } else {
                    std::ptr::null_mut()
                };
                (*view).shape = if wants(ffi::PyBUF_ND) {
                    this.layout.shape.as_ptr().cast_mut()
                } else {
                    std::ptr::null_mut()
                };
                (*view).strides = if wants(ffi::PyBUF_STRIDES) {
                    this.layout.strides.as_ptr().cast_mut()
                } else {
                    std::ptr::null_mut()
                };
                (*view).suboffsets = std::ptr::null_mut();
                (*view).internal = std::ptr::null_mut();
                (*view).obj = slf.into_ptr();
            }
            Ok(())
        }
    }
}
