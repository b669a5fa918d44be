//! What an experiment answers: a plain value whose arrays cross to JavaScript as typed arrays.
//!
//! A lab derives `Serialize` for its answers, and `Tsify` for their TypeScript types; the boundary knows neither lab nor
//! answer. This is the one file outside `wasm` that knows both sides: the arrays have to say what they become there.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::any::Any;
use std::ops::Deref;

/// Numbers of one type, which cross as one typed array.
macro_rules! typed_array {
    ($(#[$doc:meta])* $name:ident, $item:ty, $js:ident, $ts:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default)]
        #[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(type = $ts))]
        pub struct $name(pub Vec<$item>);

        impl Deref for $name {
            type Target = Vec<$item>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl From<Vec<$item>> for $name {
            fn from(numbers: Vec<$item>) -> Self {
                Self(numbers)
            }
        }

        impl FromIterator<$item> for $name {
            fn from_iter<I: IntoIterator<Item = $item>>(numbers: I) -> Self {
                Self(numbers.into_iter().collect())
            }
        }

        impl<'a> IntoIterator for &'a $name {
            type Item = &'a $item;
            type IntoIter = std::slice::Iter<'a, $item>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.iter()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                #[cfg(target_arch = "wasm32")]
                return serde_wasm_bindgen::preserve::serialize(&js_sys::$js::from(&self.0[..]), to);
                #[cfg(not(target_arch = "wasm32"))]
                self.0.serialize(to)
            }
        }
    };
}

typed_array!(
    /// Numbers for pictures.
    Floats, f32, Float32Array, "Float32Array"
);
typed_array!(
    /// Numbers to compute with.
    Reals, f64, Float64Array, "Float64Array"
);
typed_array!(
    /// Indices.
    Indices, u32, Uint32Array, "Uint32Array"
);
typed_array!(
    /// Indices, or −1 where there is none.
    Signed, i32, Int32Array, "Int32Array"
);

/// Values by name, in their order.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    target_arch = "wasm32",
    derive(tsify::Tsify),
    tsify(type = "Record<string, T>")
)]
pub struct Named<T>(pub Vec<(&'static str, T)>);

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// An answer of any type.
pub trait Answer: Any {
    /// As JavaScript sees it.
    #[cfg(target_arch = "wasm32")]
    fn cross(&self) -> wasm_bindgen::JsValue;

    /// As JSON has it.
    #[cfg(not(target_arch = "wasm32"))]
    fn json(&self) -> serde_json::Value;
}

impl<T: Serialize + Any> Answer for T {
    #[cfg(target_arch = "wasm32")]
    fn cross(&self) -> wasm_bindgen::JsValue {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        // Answers hold strings, numbers and lists only: nothing that serde could refuse.
        self.serialize(&serializer).unwrap_or_default()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The answer as a value of its type, where it is of that type.
pub fn of_type<T: 'static>(answer: Box<dyn Answer>) -> Option<T> {
    let any: Box<dyn Any> = answer;
    any.downcast().ok().map(|value| *value)
}
