//! A package as the file family sees it: any file of it, for reading.

use super::{Package, PackageError, PackagePath};
use crate::api::files::{Fault, PackageFiles};
use crate::error::ErrorCode;

impl PackageFiles for Package {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Fault> {
        self.bytes(&parsed(path)?, most).map_err(fault)?.ok_or(Fault::Own(ErrorCode::TooLarge))
    }

    fn size(&self, path: &str) -> Result<u64, Fault> {
        Self::size(self, &parsed(path)?).map_err(fault)
    }
}

fn parsed(path: &str) -> Result<PackagePath, Fault> {
    PackagePath::parse(None, path).map_err(|_| Fault::NoSuch)
}

fn fault(error: PackageError) -> Fault {
    match error {
        PackageError::NoSuchFile { .. } | PackageError::SymbolicLink { .. } => Fault::NoSuch,
        PackageError::TooLarge { .. } => Fault::Own(ErrorCode::TooLarge),
        _ => Fault::Broken,
    }
}
