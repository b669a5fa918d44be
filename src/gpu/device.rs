//! A graphics card, and numbers on it. The only unsafe code of the project.
#![allow(unsafe_code)]

use crate::error::Error;
use cubecl::Device;
use cubecl::bytes::Bytes;
use cubecl::prelude::*;
use cubecl::server::Handle;
use cubecl::wgpu::{AutoGraphicsApi, RuntimeOptions, WgpuDevice, try_init_setup_async};
use std::marker::PhantomData;

/// A graphics card that runs kernels.
#[derive(Clone)]
pub struct Card {
    client: Client,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Card")
    }
}

/// Numbers of one type on a card. The length is that of the allocation, by construction.
pub(super) struct Buffer<T> {
    handle: Handle,
    len: usize,
    of: PhantomData<T>,
}

/// Numbers that were read back. They stay where the card has put them: millions of them would take as long to copy as to read.
pub(super) struct Read<T> {
    bytes: Bytes,
    len: usize,
    of: PhantomData<T>,
}

impl<T: CubeElement> Read<T> {
    pub(super) fn numbers(&self) -> &[T] {
        &T::from_bytes(&self.bytes)[..self.len]
    }
}

impl<T: CubeElement> Buffer<T> {
    /// The argument of a kernel.
    pub(super) fn arg(&self) -> BufferArg {
        // SAFETY: the length must not exceed the allocation. `len` is private; `Card::upload` and `Card::empty` set it to
        // the number of elements that they ask the card for, and nothing changes it. Kernels are launched by the
        // generated `launch`, which is safe and checks every index against this length.
        unsafe { BufferArg::from_raw_parts(self.handle.clone(), self.len) }
    }
}

impl Buffer<f32> {
    /// The argument of a kernel that reads quadruples.
    pub(super) fn quads(&self) -> BufferArg {
        // SAFETY: as above; a quadruple is four elements, and an incomplete one at the end is left out.
        unsafe { BufferArg::from_raw_parts(self.handle.clone(), self.len / 4) }
    }
}

impl Card {
    /// The default card. In a browser its device must have been started before.
    ///
    /// # Errors
    /// If there is none.
    pub async fn open() -> Result<Self, Error> {
        let options = RuntimeOptions::try_default().map_err(|e| refused(&e))?;
        let device = WgpuDevice::default();
        let setup = try_init_setup_async::<AutoGraphicsApi>(&device, options);
        setup.await.map_err(|e| refused(&e))?;
        Ok(Self::started())
    }

    /// The default card, whose device was started before, by [`Card::open`] or by burn.
    pub fn started() -> Self {
        Self {
            client: Device::Wgpu(WgpuDevice::default()).client(),
        }
    }

    /// Waits until all that was launched before is done.
    ///
    /// # Errors
    /// If the card was lost.
    pub async fn wait(&self) -> Result<(), Error> {
        let done = self.client.sync().await;
        done.map_err(|_| crate::tensor::lost())
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn upload<T: CubeElement>(&self, values: &[T]) -> Buffer<T> {
        Buffer {
            handle: self.client.create_from_slice(T::as_bytes(values)),
            len: values.len(),
            of: PhantomData,
        }
    }

    /// As [`Card::upload`], of numbers that nobody else needs: they are not copied on their way.
    pub(super) fn hand_over(&self, values: Vec<f32>) -> Buffer<f32> {
        let len = values.len();
        Buffer {
            handle: self.client.create(Bytes::from_elems(values)),
            len,
            of: PhantomData,
        }
    }

    pub(super) fn empty<T: CubeElement>(&self, len: usize) -> Buffer<T> {
        Buffer {
            handle: self.client.empty(len * size_of::<T>()),
            len,
            of: PhantomData,
        }
    }

    /// Reads numbers back, when all that was launched before is done.
    ///
    /// # Errors
    /// If the card was lost.
    pub(super) async fn read<T: CubeElement>(&self, from: &Buffer<T>) -> Result<Read<T>, Error> {
        let read = self.client.read_async(vec![from.handle.clone()]);
        let bytes = read.await.map_err(|_| crate::tensor::lost())?;
        let bytes = bytes.into_iter().next();
        Ok(Read {
            bytes: bytes.ok_or_else(crate::tensor::lost)?,
            len: from.len,
            of: PhantomData,
        })
    }
}

/// Runs the constructors of the module: they list the operations that the compiler of kernels knows. If no code of the module
/// called them, the linker would let every call from JavaScript run all of them first, thousands of times in a run
/// (`inventory`, "WebAssembly and constructors").
#[cfg(target_arch = "wasm32")]
pub fn construct() {
    // SAFETY: the linker makes this function in every module, and gives it neither arguments nor a result. A
    // constructor of `inventory` does nothing the second time.
    unsafe extern "C" {
        safe fn __wasm_call_ctors();
    }
    __wasm_call_ctors();
}

fn refused(reason: &dyn std::fmt::Display) -> Error {
    let reason = reason.to_string();
    // The first line says what; what follows are causes and traces.
    let first = reason
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    Error::Engine {
        reason: format!("The graphics card could not be started ({first})."),
        remedy: "The CPU engine goes on.".to_owned(),
    }
}
