//! The walk.

use std::sync::atomic::Ordering;

use jiter::{Jiter, NumberAny, NumberInt, Peek};
use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    types::{PyDict, PyList, PySet, PyString},
};

use super::{
    compile, instance,
    shape::{Field, Fields, ModelPlan, Objects, Refused, Shape, Strings, UnionPlan},
    value::{MOST_DEPTH, number, value},
};

/// Why a walk ends early.
pub(super) enum Stop {
    /// Not JSON, or JSON that jiter does not read.
    Json,
    /// Python raised.
    Python(PyErr),
}

/// Why a strict walk gives a value up.
enum Misfit {
    /// Validation might refuse or change it.
    Value,
    /// Validation refuses it for certain, and with it what it is in.
    Refused,
    Stop(Stop),
}

/// How a value is taken that is not what its type says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It is kept.
    Loose,
    /// It is given up, up to the union that asked.
    Strict,
}

type Built<'py> = Result<Bound<'py, PyAny>, Misfit>;

/// One walk over one document.
pub(super) struct Builder<'py, 'j> {
    py: Python<'py>,
    json: Jiter<'j>,
    construct: &'j Py<PyAny>,
    depth: usize,
}

impl<'py, 'j> Builder<'py, 'j> {
    pub(super) fn new(py: Python<'py>, data: &'j [u8], construct: &'j Py<PyAny>) -> Self {
        Builder {
            py,
            json: Jiter::new(data).with_allow_inf_nan(),
            construct,
            depth: 0,
        }
    }

    /// The whole document as an object of `shape`, which is the shape of `type_`.
    pub(super) fn document(
        mut self,
        shape: &Shape,
        type_: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyAny>, Stop> {
        let start = self.json.clone();
        let peek = self.json.peek()?;
        let built = match self.build(shape, peek, Manner::Loose) {
            Ok(built) => built,
            Err(Misfit::Stop(stop)) => return Err(stop),
            Err(Misfit::Value | Misfit::Refused) => self.python_path(start, type_)?,
        };
        self.json.finish()?;
        Ok(built)
    }

    fn build(&mut self, shape: &Shape, peek: Peek, manner: Manner) -> Built<'py> {
        if self.depth > MOST_DEPTH {
            return Err(Misfit::Stop(Stop::Json));
        }
        self.depth += 1;
        let built = self.build_here(shape, peek, manner);
        self.depth -= 1;
        built
    }

    fn build_here(&mut self, shape: &Shape, peek: Peek, manner: Manner) -> Built<'py> {
        let fits = match shape {
            Shape::Any => true,
            Shape::Null => peek == Peek::Null,
            Shape::Bool => matches!(peek, Peek::True | Peek::False),
            Shape::Str => peek == Peek::String,
            Shape::Int | Shape::Float => return self.number(shape, peek, manner),
            Shape::Literal(values) if peek == Peek::String => {
                return self.string(manner, |text| values.iter().any(|value| value == text));
            }
            Shape::List(item) if peek == Peek::Array => return self.list(item, manner),
            Shape::Dict(item) if peek == Peek::Object => return self.dict(item, manner),
            Shape::Model(plan) if peek == Peek::Object => return self.whole(plan, manner),
            // The loose path has a rule for lists in place of a model; it is rare enough for Python.
            Shape::Model(_) if peek == Peek::Array => false,
            Shape::Union(union) => return self.union(union, peek, manner),
            Shape::Python(type_) => {
                if manner == Manner::Strict {
                    return Err(Misfit::Value);
                }
                let start = self.json.clone();
                return Ok(self.python_path(start, &type_.bind(self.py).clone())?);
            }
            Shape::Literal(_) | Shape::List(_) | Shape::Dict(_) | Shape::Model(_) => false,
        };
        if !fits && manner == Manner::Strict {
            return Err(unlike(shape, peek));
        }
        if !fits && matches!(shape, Shape::Model(_)) && peek == Peek::Array {
            return Err(Misfit::Value);
        }
        Ok(self.plain(peek)?)
    }

    fn number(&mut self, shape: &Shape, peek: Peek, manner: Manner) -> Built<'py> {
        if !peek.is_num() {
            return match (shape, peek) {
                _ if manner == Manner::Strict => Err(unlike(shape, peek)),
                // A bool is an int to Python, and an int where a float belongs becomes one.
                (Shape::Float, Peek::True | Peek::False) => {
                    let flag = self.json.known_bool(peek)?;
                    Ok(f64::from(flag).into_bound_py_any(self.py)?)
                }
                _ => Ok(self.plain(peek)?),
            };
        }
        match (shape, self.json.known_number(peek)?) {
            (Shape::Float, NumberAny::Int(NumberInt::Int(int))) if is_exact(int) => {
                Ok((int as f64).into_bound_py_any(self.py)?)
            }
            (Shape::Float, NumberAny::Int(_)) | (Shape::Int, NumberAny::Float(_))
                if manner == Manner::Strict =>
            {
                Err(Misfit::Value)
            }
            (Shape::Float, found @ NumberAny::Int(NumberInt::BigInt(_))) => {
                // Python compares the two exactly; a float that equals the integer takes its place.
                let int = number(self.py, found)?;
                let float = self
                    .py
                    .get_type::<pyo3::types::PyFloat>()
                    .call1((&int,))
                    .and_then(|float| Ok(float.eq(&int)?.then_some(float)));
                Ok(float?.unwrap_or(int))
            }
            (_, found) => Ok(number(self.py, found)?),
        }
    }

    fn string(&mut self, manner: Manner, fits: impl FnOnce(&str) -> bool) -> Built<'py> {
        let text = self.json.known_str()?;
        if manner == Manner::Strict && !fits(text) {
            return Err(Misfit::Refused);
        }
        Ok(PyString::new(self.py, text).into_any())
    }

    fn list(&mut self, item: &Shape, manner: Manner) -> Built<'py> {
        let Some(peek) = self.json.known_array()? else {
            return Ok(PyList::empty(self.py).into_any());
        };
        // Most lists of a stream have one item, and a list made with it allocates once.
        let list = PyList::new(self.py, [self.build(item, peek, manner)?])?;
        while let Some(peek) = self.json.array_step()? {
            list.append(self.build(item, peek, manner)?)?;
        }
        Ok(list.into_any())
    }

    fn dict(&mut self, item: &Shape, manner: Manner) -> Built<'py> {
        let dict = PyDict::new(self.py);
        let mut key = self
            .json
            .known_object()?
            .map(|key| PyString::new(self.py, key));
        while let Some(name) = key {
            let peek = self.json.peek()?;
            dict.set_item(name, self.build(item, peek, manner)?)?;
            key = self.json.next_key()?.map(|key| PyString::new(self.py, key));
        }
        Ok(dict.into_any())
    }

    fn union(&mut self, union: &UnionPlan, peek: Peek, manner: Manner) -> Built<'py> {
        // Within a union the outermost one decides, since it is validated as a whole.
        if manner == Manner::Strict {
            return self.member(union, peek);
        }
        let start = self.json.clone();
        let tagged = match (&union.refused, &union.object) {
            (Refused::Tagged, Some(Objects::Tagged { field, members })) if peek == Peek::Object => {
                self.tag(field)?.and_then(|tag| members.get(&*tag))
            }
            _ => None,
        };
        let built = match tagged {
            Some(plan) => {
                if plan.lacked.load(Ordering::Relaxed) {
                    let (built, lacks) = self.model(plan, Manner::Loose)?;
                    if lacks {
                        return Ok(built);
                    }
                    self.json = start.clone();
                }
                self.whole(plan, Manner::Strict)
            }
            None => self.member(union, peek),
        };
        let plan = match (&built, &union.refused) {
            (Err(Misfit::Refused), Refused::First(first)) if peek == Peek::Object => Some(first),
            (Err(Misfit::Refused), _) => tagged,
            (Err(Misfit::Value), _) => None,
            _ => return built,
        };
        match plan {
            Some(plan) => {
                self.json = start;
                self.json.peek()?;
                self.whole(plan, Manner::Loose)
            }
            None => Ok(self.python_path(start, &union.type_.bind(self.py).clone())?),
        }
    }

    fn member(&mut self, union: &UnionPlan, peek: Peek) -> Built<'py> {
        const STRICT: Manner = Manner::Strict;
        match peek {
            Peek::Null if union.null => self.build(&Shape::Null, peek, STRICT),
            Peek::True | Peek::False if union.bool => self.build(&Shape::Bool, peek, STRICT),
            Peek::String => match &union.string {
                Some(Strings::Any) => self.build(&Shape::Str, peek, STRICT),
                Some(Strings::OneOf(values)) => {
                    let built =
                        self.string(STRICT, |text| values.iter().any(|value| value == text));
                    match built {
                        Err(Misfit::Refused) if union.has_scalars() => Err(Misfit::Value),
                        built => built,
                    }
                }
                None if union.has_scalars() => Err(Misfit::Value),
                None => Err(Misfit::Refused),
            },
            Peek::Array => match &union.array {
                Some(shape) => self.build(shape, peek, STRICT),
                None => Err(Misfit::Refused),
            },
            Peek::Object => match &union.object {
                Some(Objects::One(shape)) => self.build(shape, peek, STRICT),
                Some(Objects::Tagged { field, members }) => {
                    let plan = self.tag(field)?.and_then(|tag| members.get(&*tag));
                    match plan {
                        Some(plan) => self.whole(plan, STRICT),
                        None => Err(Misfit::Refused),
                    }
                }
                None => Err(Misfit::Refused),
            },
            Peek::Null => Err(Misfit::Refused),
            _ if peek.is_num() => match (union.int, union.float) {
                (true, false) => self.number(&Shape::Int, peek, STRICT),
                (false, true) => self.number(&Shape::Float, peek, STRICT),
                // Each number is a member as it is.
                (true, true) => Ok(self.plain(peek)?),
                (false, false) => Err(Misfit::Value),
            },
            _ => Err(Misfit::Value),
        }
    }

    fn whole(&mut self, plan: &ModelPlan, manner: Manner) -> Built<'py> {
        Ok(self.model(plan, manner)?.0)
    }

    /// The text of `field` in the object ahead, found without moving on.
    fn tag(&mut self, field: &str) -> Result<Option<String>, Misfit> {
        let mut ahead = self.json.clone();
        let mut found = None;
        let mut is_field = ahead.known_object()?.map(|key| key == field);
        while let Some(matches) = is_field {
            let peek = ahead.peek()?;
            if matches && peek == Peek::String {
                found = Some(ahead.known_str()?.to_owned());
                // A second field of this name would win: the class that is chosen here gives the object up when it meets one.
                break;
            }
            ahead.known_skip(peek)?;
            is_field = ahead.next_key()?.map(|key| key == field);
        }
        Ok(found)
    }

    /// An object of the plan's class, and whether it lacks a required field.
    fn model(
        &mut self,
        plan: &ModelPlan,
        manner: Manner,
    ) -> Result<(Bound<'py, PyAny>, bool), Misfit> {
        let py = self.py;
        let fields = plan
            .fields
            .get_or_try_init(py, || compile::fields_of(plan.class.bind(py)))?;
        let Some(fields) = fields else {
            return match manner {
                Manner::Strict => Err(Misfit::Value),
                Manner::Loose => {
                    let start = self.json.clone();
                    let built = self.python_path(start, plan.class.bind(py).as_any())?;
                    // Nobody has counted; the way of the next object stays the careful one.
                    Ok((built, false))
                }
            };
        };
        let attributes = fields.defaults.bind(py).copy()?;
        let extra = PyDict::new(py);
        let mut present: u128 = 0;
        let mut place = 0;
        let mut key = Key::of(self.json.known_object()?, py, fields, place);
        while let Some(found) = key {
            let peek = self.json.peek()?;
            match found {
                Key::Field(index, field) => {
                    // The last of two decides, which may be the tag that this class was chosen by.
                    if present & 1 << index != 0 {
                        return Err(Misfit::Value);
                    }
                    if field.has_alias && manner == Manner::Loose {
                        // Building without validation takes the wire name of such a field for an extra one, too.
                        let plain = value(py, &mut self.json.clone(), peek, self.depth)?;
                        extra.set_item(&field.key, plain)?;
                    }
                    let built = if peek == Peek::Null && manner == Manner::Loose {
                        self.json.known_null()?;
                        field.default.bind(py).clone()
                    } else if let Some(text) = self.text(field, peek, manner)? {
                        text
                    } else {
                        self.build(&field.shape, peek, manner)?
                    };
                    attributes.set_item(field.name.bind(py), built)?;
                    present |= 1 << index;
                    place = index + 1;
                }
                Key::Extra(name) => {
                    let plain = self.plain(peek)?;
                    // Building without validation drops what has the name of an attribute but not of a wire field.
                    if manner == Manner::Strict || !fields.is_aliased(&name)? {
                        extra.set_item(name, plain)?;
                    }
                }
            }
            key = Key::of(self.json.next_key()?, py, fields, place);
        }
        let lacks = fields.required & !present != 0;
        if lacks != plan.lacked.load(Ordering::Relaxed) {
            plan.lacked.store(lacks, Ordering::Relaxed);
        }
        if manner == Manner::Strict && lacks {
            return Err(Misfit::Refused);
        }
        let fields_set = fields.sets.get(py, &fields.list, present)?;
        if manner == Manner::Strict {
            // Validation counts what it does not know as set; building without validation does not.
            add_keys(&fields_set, &extra)?;
        }
        let built = instance::model(plan.class.bind(py), &attributes, &fields_set, &extra)?;
        Ok((built, lacks))
    }

    /// The text ahead, if it is one and the field takes it; otherwise nothing has moved.
    fn text(
        &mut self,
        field: &Field,
        peek: Peek,
        manner: Manner,
    ) -> Result<Option<Bound<'py, PyAny>>, Stop> {
        if peek != Peek::String || !field.shape.may_take_text() {
            return Ok(None);
        }
        let start = self.json.clone();
        let text = self.json.known_str()?;
        if field.shape.takes_text(text, manner == Manner::Loose) {
            return Ok(Some(field.last.get(self.py, text).into_any()));
        }
        self.json = start;
        Ok(None)
    }

    /// The value ahead as it is.
    fn plain(&mut self, peek: Peek) -> Result<Bound<'py, PyAny>, Stop> {
        value(self.py, &mut self.json, peek, self.depth)
    }

    /// Reads the value at `start` as it is and lets Python make a `type_` of it.
    fn python_path(
        &mut self,
        start: Jiter<'j>,
        type_: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyAny>, Stop> {
        self.json = start;
        let peek = self.json.peek()?;
        let plain = self.plain(peek)?;
        Ok(self.construct.bind(self.py).call1((type_, plain))?)
    }
}

/// A key of an object, and what it means to a class.
enum Key<'f, 'py> {
    Field(usize, &'f Field),
    Extra(Bound<'py, PyString>),
}

impl<'f, 'py> Key<'f, 'py> {
    /// `place` is that of the field before, plus one.
    fn of(key: Option<&str>, py: Python<'py>, fields: &'f Fields, place: usize) -> Option<Self> {
        let key = key?;
        let guess = fields.order.guess(place);
        if let Some(field) = fields.list.get(guess)
            && field.key == key
        {
            return Some(Key::Field(guess, field));
        }
        Some(match fields.by_key.get(key) {
            Some(index) => {
                fields.order.learn(place, *index);
                let field = fields.list.get(*index)?;
                Key::Field(*index, field)
            }
            None => Key::Extra(PyString::new(py, key)),
        })
    }
}

impl Fields {
    fn is_aliased(&self, name: &Bound<'_, PyString>) -> PyResult<bool> {
        for aliased in &self.aliased {
            if name.as_any().eq(aliased)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl UnionPlan {
    /// Whether a text, a number or a bool may be changed into a member of another kind.
    fn has_scalars(&self) -> bool {
        self.bool || self.int || self.float
    }
}

/// What a strict walk makes of a value that is not of the kind that `shape` is. Nothing turns null, a list or an object
/// into something else; a text, a number or a bool may be read as another of these.
fn unlike(shape: &Shape, peek: Peek) -> Misfit {
    match (shape, peek) {
        (Shape::Any | Shape::Union(_) | Shape::Python(_), _) => Misfit::Value,
        (_, Peek::Null | Peek::Array | Peek::Object) => Misfit::Refused,
        _ => Misfit::Value,
    }
}

fn add_keys(set: &Bound<'_, PySet>, extra: &Bound<'_, PyDict>) -> PyResult<()> {
    for key in extra.keys() {
        set.add(key)?;
    }
    Ok(())
}

/// Integers that a float holds exactly.
fn is_exact(int: i64) -> bool {
    int.unsigned_abs() <= 1 << 53
}

impl<T: Into<Stop>> From<T> for Misfit {
    fn from(stop: T) -> Self {
        Misfit::Stop(stop.into())
    }
}
