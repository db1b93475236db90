//! Events with a member that is base64: its bytes are decoded from the message straight to where Python has them.

use pyo3::{
    prelude::*,
    types::{PyByteArray, PyBytes, PyDict},
};
use tailrace_core::binary::{self, Found, Members};

use crate::models::Plan;

/// The member that says what an event is; what it says and the member that is base64 then; the unit of its bytes; and what
/// makes of a bytearray what the member becomes, None for bytes.
pub(crate) type BinaryMembers = (String, Vec<(String, String)>, usize, Option<Py<PyAny>>);

/// How the base64 of events becomes bytes.
pub(crate) struct Binary {
    members: Members,
    wrap: Option<Py<PyAny>>,
}

impl Binary {
    pub(crate) fn new((tag, members, unit, wrap): BinaryMembers) -> Self {
        let members = Members { tag, members, unit };
        Binary { members, wrap }
    }

    /// The object that `event` describes, with the bytes in place of their base64; `None` when it has none.
    pub(crate) fn object(
        &self,
        py: Python<'_>,
        plan: &Plan,
        event: &[u8],
    ) -> PyResult<Option<Py<PyAny>>> {
        let Some(found) = self.members.find(event) else {
            return Ok(None);
        };
        let Some((_, name)) = self.members.members.get(found.member) else {
            return Ok(None);
        };
        let Some(object) = plan.build_object(py, &found.rest(event))? else {
            return Ok(None);
        };
        let Ok(members) = object.bind(py).getattr("__dict__") else {
            return Ok(None);
        };
        let Some(value) = self.value(py, &found)? else {
            return Ok(None);
        };
        members.cast::<PyDict>()?.set_item(name, value)?;
        Ok(Some(object))
    }

    /// What the member becomes; `None` when it is no base64.
    fn value<'py>(
        &self,
        py: Python<'py>,
        found: &Found<'_>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut is_right = false;
        let mut fill = |block: &mut [u8]| {
            is_right = binary::decode_to(&found.text, block).is_some();
            Ok(())
        };
        let value = match &self.wrap {
            None => PyBytes::new_with(py, found.bytes, &mut fill)?.into_any(),
            Some(_) => PyByteArray::new_with(py, found.bytes, &mut fill)?.into_any(),
        };
        match &self.wrap {
            _ if !is_right => Ok(None),
            None => Ok(Some(value)),
            Some(wrap) => wrap.bind(py).call1((value,)).map(Some),
        }
    }
}
