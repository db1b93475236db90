//! Both packages, built as they are shipped and installed for one interpreter and for Node.

use crate::failure::Failure;
use crate::interpreter::Interpreter;
use crate::node;
use crate::python::{self, Profile, Venv};
use crate::steps::Steps;

/// Builds both packages; installs the wheel into the environment that `make` makes, and returns that.
///
/// # Errors
/// When a step fails.
pub(crate) fn install(
    steps: &mut Steps,
    interpreter: &Interpreter,
    make: impl Fn(&Interpreter) -> Result<Venv, Failure>,
) -> Result<Venv, Failure> {
    let tools = steps.must("install maturin", || Venv::of_tools(interpreter))?;
    let wheels = steps.must("build the wheel", || {
        python::build_wheels(&tools, std::slice::from_ref(interpreter), Profile::Release)
    })?;
    let venv = steps.must("install it in a virtual environment", || {
        let venv = make(interpreter)?;
        wheels.iter().try_for_each(|wheel| venv.install(wheel))?;
        Ok(venv)
    })?;
    steps.must("build the addon", || node::build_addon(Profile::Release))?;
    steps.must("npm ci", node::install)?;
    steps.must("npm run build", node::build_typescript)?;
    Ok(venv)
}
