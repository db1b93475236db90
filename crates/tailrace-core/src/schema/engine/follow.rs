//! The events of a text, given to an engine.

use super::{Engine, Token};
use crate::{
    json::{Literal, Sink},
    schema::{kind::Kind, node::Plan},
};

/// An engine that follows a plan.
pub(in crate::schema) struct Follow<'e> {
    pub(in crate::schema) plan: &'e Plan,
    pub(in crate::schema) engine: &'e mut Engine,
}

impl Follow<'_> {
    /// Looks at the key or number within which the text has stopped for now.
    pub(in crate::schema) fn pause(&mut self) {
        if self.engine.is_over() {
            return;
        }
        match self.engine.token {
            Token::None => {}
            Token::Key => self.engine.check_key(self.plan),
            Token::Number { at } => self.engine.check_number(self.plan, at),
        }
    }
}

impl Sink for Follow<'_> {
    fn begin_object(&mut self, at: usize) {
        if !self.engine.is_over() {
            self.engine.open(self.plan, Kind::Object, at);
        }
    }

    fn key_begin(&mut self, _at: usize) {
        self.engine.partial.clear();
        self.engine.marks.clear();
        self.engine.token = Token::Key;
    }

    fn key_piece(&mut self, piece: &str, at: usize) {
        self.engine.key_piece(piece, at);
    }

    fn key(&mut self, key: &str, at: usize) {
        self.engine.token = Token::None;
        if !self.engine.is_over() {
            self.engine.name(self.plan, key, at);
        }
    }

    fn end_object(&mut self, at: usize) {
        if !self.engine.is_over() {
            self.engine.close(self.plan, Kind::Object, at);
        }
    }

    fn begin_array(&mut self, at: usize) {
        if !self.engine.is_over() {
            self.engine.open(self.plan, Kind::Array, at);
        }
    }

    fn end_array(&mut self, at: usize) {
        if !self.engine.is_over() {
            self.engine.close(self.plan, Kind::Array, at);
        }
    }

    fn text_begin(&mut self, at: usize) {
        if !self.engine.is_over() {
            self.engine.begin_text(self.plan, at);
        }
    }

    fn text(&mut self, piece: &str, at: usize) {
        if !self.engine.is_over() {
            self.engine.characters(self.plan, piece, at);
        }
    }

    fn text_end(&mut self, at: usize) {
        if !self.engine.is_over() {
            self.engine.end_text(self.plan, at);
        }
    }

    fn number_begin(&mut self, at: usize) {
        if !self.engine.is_over() {
            self.engine.begin_number(self.plan, at);
        }
    }

    fn number_piece(&mut self, piece: &str, _at: usize) {
        self.engine.partial.push_str(piece);
    }

    fn number(&mut self, number: &str, at: usize) {
        if !self.engine.is_over() {
            self.engine.end_number(self.plan, number, at);
        }
    }

    fn literal_begin(&mut self, literal: Literal, at: usize) {
        if !self.engine.is_over() {
            self.engine.begin_literal(self.plan, literal, at);
        }
    }

    fn literal(&mut self, literal: Literal, at: usize) {
        if !self.engine.is_over() {
            self.engine.end_literal(self.plan, literal, at);
        }
    }
}
