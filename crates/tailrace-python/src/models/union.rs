//! Unions: one member for each kind of JSON value, and a literal field to tell models apart.

use std::{collections::HashMap, sync::Arc};

use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyTuple, PyType},
};

use super::{
    compile::{python, shape_of},
    shape::{ModelPlan, Objects, Refused, Shape, Strings, UnionPlan},
    typing::Typing,
};

/// The shape of a union, or of the Python path where two members take the same kind of JSON.
pub(super) fn union_shape(type_: &Bound<'_, PyAny>, args: &Bound<'_, PyTuple>) -> PyResult<Shape> {
    let mut union = UnionPlan {
        type_: type_.clone().unbind(),
        null: false,
        bool: false,
        int: false,
        float: false,
        string: None,
        array: None,
        object: None,
        refused: Refused::Python,
    };
    let mut models = Vec::new();
    let mut pending: Vec<Shape> = Vec::with_capacity(args.len());
    for arg in args.iter() {
        pending.push(shape_of(&arg)?);
    }
    if is_anything(&pending) {
        return Ok(Shape::Any);
    }
    union.refused = match pending.first() {
        Some(Shape::Model(plan)) => Refused::First(Arc::clone(plan)),
        Some(Shape::Union(inner)) => inner.refused.clone(),
        _ => Refused::Python,
    };
    while let Some(shape) = pending.pop() {
        let fits = match shape {
            // The same scalar twice is that scalar: `Optional` around a union that has None already.
            Shape::Null => {
                union.null = true;
                true
            }
            Shape::Bool => {
                union.bool = true;
                true
            }
            Shape::Int => {
                union.int = true;
                true
            }
            Shape::Float => {
                union.float = true;
                true
            }
            Shape::Str => {
                union.string = Some(Strings::Any);
                true
            }
            Shape::Literal(values) => {
                match &mut union.string {
                    Some(Strings::Any) => {}
                    Some(Strings::OneOf(known)) => known.extend(values),
                    None => union.string = Some(Strings::OneOf(values)),
                }
                true
            }
            Shape::List(_) => union.array.replace(shape).is_none(),
            Shape::Dict(_) => union.object.replace(Objects::One(shape)).is_none(),
            Shape::Model(plan) => {
                models.push(plan);
                true
            }
            // typing flattens unions, but not those behind an annotation.
            Shape::Union(inner) => {
                let py = type_.py();
                let typing = Typing::get(py)?;
                let declared = inner.type_.bind(py);
                let declared = if typing.origin(declared)?.is(&typing.annotated) {
                    typing.args(declared)?.get_item(0)?
                } else {
                    declared.clone()
                };
                for arg in typing.args(&declared)?.iter() {
                    pending.push(shape_of(&arg)?);
                }
                true
            }
            Shape::Any | Shape::Python(_) => false,
        };
        if !fits {
            // Two members of a kind need pydantic to choose.
            return Ok(python(type_));
        }
    }
    if models.is_empty() {
        return Ok(Shape::Union(Box::new(union)));
    }
    if union.object.is_some() {
        return Ok(python(type_));
    }
    union.object = objects(type_.py(), models)?;
    Ok(match union.object {
        Some(_) => Shape::Union(Box::new(union)),
        None => python(type_),
    })
}

/// Any value with or without None beside it.
fn is_anything(members: &[Shape]) -> bool {
    members.iter().any(|shape| matches!(shape, Shape::Any))
        && members
            .iter()
            .all(|shape| matches!(shape, Shape::Any | Shape::Null))
}

/// Notes that the union is annotated with a discriminator, by which an object is built that validation refuses.
///
/// Without effect where the discriminator is not the field that tells the members apart: Python has the rules for those.
pub(super) fn with_discriminator(
    union: &mut UnionPlan,
    members: &Bound<'_, PyTuple>,
    metadata: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = metadata.py();
    union.refused = Refused::Python;
    for item in metadata.try_iter()? {
        let name = item?.getattr(intern!(py, "discriminator"))?;
        if !name.is_truthy()? {
            continue;
        }
        let all_direct = members
            .iter()
            .all(|member| member.is_instance_of::<PyType>());
        if let Some(Objects::Tagged { field, .. }) = &union.object
            && all_direct
            && name.extract::<String>().is_ok_and(|name| name == *field)
        {
            union.refused = Refused::Tagged;
        }
        return Ok(());
    }
    Ok(())
}

/// One model, or models that a required literal field tells apart; `None` when there is no such field.
fn objects(py: Python<'_>, mut models: Vec<Arc<ModelPlan>>) -> PyResult<Option<Objects>> {
    if models.len() == 1 {
        return Ok(models.pop().map(|plan| Objects::One(Shape::Model(plan))));
    }
    let mut literals = Vec::with_capacity(models.len());
    for plan in &models {
        literals.push(literal_fields(plan.class.bind(py))?);
    }
    let Some(first) = literals.first() else {
        return Ok(None);
    };
    'fields: for field in first.iter().map(|(name, _)| name) {
        let mut members = HashMap::new();
        for (plan, literals) in models.iter().zip(&literals) {
            let Some((_, values)) = literals.iter().find(|(name, _)| name == field) else {
                continue 'fields;
            };
            for value in values {
                if members.insert(value.clone(), Arc::clone(plan)).is_some() {
                    continue 'fields;
                }
            }
        }
        return Ok(Some(Objects::Tagged {
            field: field.clone(),
            members,
        }));
    }
    Ok(None)
}

/// Wire names and values of the required fields of a class that are literal strings.
fn literal_fields(class: &Bound<'_, PyType>) -> PyResult<Vec<(String, Vec<String>)>> {
    let py = class.py();
    let typing = Typing::get(py)?;
    let declared = class.getattr(intern!(py, "__pydantic_fields__"))?;
    let mut found = Vec::new();
    for (name, info) in declared.cast::<PyDict>()?.iter() {
        let annotation = info.getattr(intern!(py, "annotation"))?;
        let required = info
            .getattr(intern!(py, "default"))?
            .is(typing.undefined.bind(py));
        if !required || !typing.origin(&annotation)?.is(&typing.literal) {
            continue;
        }
        let alias = info.getattr(intern!(py, "alias"))?;
        let key = if alias.is_none() { name } else { alias };
        let values: PyResult<Vec<String>> = typing
            .args(&annotation)?
            .iter()
            .map(|value| value.extract())
            .collect();
        if let Ok(values) = values {
            found.push((key.extract()?, values));
        }
    }
    Ok(found)
}
