//! The program: the real environment, the command line, the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(mailsrv::cli::run(mailsrv::cli::Env::real()))
}
