//! The memory available to this process: what the machine, the control groups and the limits of the process leave.
//! Linux reports it in files. On other systems nothing is known, so no run is refused.

use super::failure::Failure;
use scorefield::labs::Experiment;
use scorefield::labs::memory::{self, Holder};
use std::path::{Path, PathBuf};

/// Checks that the runs of an experiment fit into memory, with `frames` frames in the answer and a file of samples. Returns
/// how many threads fit too, of `threads` at most.
///
/// # Errors
/// If they do not fit.
pub fn check(
    experiment: &dyn Experiment,
    (frames, threads): (usize, usize),
    samples: Option<&Path>,
) -> Result<usize, Failure> {
    let Some(there) = available(Path::new("/")) else {
        return Ok(threads);
    };
    let file = match samples.and_then(Path::extension).and_then(|e| e.to_str()) {
        Some("csv") => 48,
        Some(_) => 16,
        None => 0,
    };
    let holder = Holder::CommandLine { frames, file };
    memory::check(experiment, there, holder)?;
    Ok(memory::threads(experiment, there, holder, threads))
}

/// The available bytes: the smallest number that any of the sources under `root` reports.
fn available(root: &Path) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(root.join(name)).ok();
    let machine = read("proc/meminfo").and_then(|text| number(&text, "MemAvailable:", 1024));
    let status = read("proc/self/status").unwrap_or_default();
    let limits = read("proc/self/limits").unwrap_or_default();
    let left = |limit: &str, used: &str| {
        let limit = number(&limits, limit, 1)?;
        Some(limit.saturating_sub(number(&status, used, 1024).unwrap_or(0)))
    };
    let address = left("Max address space", "VmSize:");
    let data = left("Max data size", "VmData:");
    let groups = read("proc/self/cgroup").unwrap_or_default();
    let groups = groups.lines().flat_map(|line| group(root, line));
    [machine, address, data]
        .into_iter()
        .flatten()
        .chain(groups)
        .min()
}

/// The first number of the line that begins with `name`, times `unit`; `None` if it is “unlimited”.
fn number(text: &str, name: &str, unit: u64) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = rest.split_whitespace().next()?.parse().ok()?;
    number.checked_mul(unit)
}

/// The bytes left by the control group in a line of `/proc/self/cgroup` and by each group that contains it. The group is
/// of version 2 (`0::/path`), or of version 1 with the controller `memory`. In a container the path may lie outside the
/// mounted folder; then the root of the mount is used.
fn group(root: &Path, line: &str) -> Vec<u64> {
    let mut parts = line.splitn(3, ':');
    let (number, controllers, path) = (parts.next(), parts.next(), parts.next());
    let (Some(number), Some(controllers), Some(path)) = (number, controllers, path) else {
        return vec![];
    };
    let (mount, limit, used) = if number == "0" && controllers.is_empty() {
        ("sys/fs/cgroup", "memory.max", "memory.current")
    } else if controllers.split(',').any(|c| c == "memory") {
        let v1 = ["memory.limit_in_bytes", "memory.usage_in_bytes"];
        ("sys/fs/cgroup/memory", v1[0], v1[1])
    } else {
        return vec![];
    };
    let mount = root.join(mount);
    let own = mount.join(path.trim_start_matches('/'));
    let mut folders: Vec<PathBuf> = own.ancestors().map(Path::to_owned).collect();
    folders.retain(|folder| folder.starts_with(&mount));
    folders
        .iter()
        .filter_map(|f| left(f, limit, used))
        .collect()
}

/// The bytes left by one control group. Cached files do not count as used, because the kernel drops them when needed.
fn left(folder: &Path, limit: &str, used: &str) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let limit: u64 = read(limit)?.trim().parse().ok()?;
    let used: u64 = read(used)?.trim().parse().ok()?;
    let stat = read("memory.stat").unwrap_or_default();
    let files = number(&stat, "inactive_file ", 1).unwrap_or(0);
    Some(limit.saturating_sub(used.saturating_sub(files)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files, used as the root folder.
    fn root(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root =
            std::env::temp_dir().join(format!("scorefield-memory-{}-{name}", std::process::id()));
        for (file, text) in files {
            let path = root.join(file);
            if let Some(folder) = path.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            let _ = std::fs::write(path, text);
        }
        root
    }

    fn found(name: &str, files: &[(&str, &str)]) -> Option<u64> {
        let root = root(name, files);
        let found = available(&root);
        let _ = std::fs::remove_dir_all(root);
        found
    }

    const MACHINE: (&str, &str) = (
        "proc/meminfo",
        "MemTotal:       16000 kB\nMemAvailable:    8000 kB\n",
    );

    #[test]
    fn the_machine_says_what_is_available() {
        assert_eq!(found("machine", &[MACHINE]), Some(8_192_000));
        assert_eq!(found("nothing", &[("proc/none", "")]), None);
    }

    #[test]
    fn limits_of_the_process_leave_what_it_has_not_taken() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax data size             unlimited   unlimited   bytes\nMax address space         3000000     unlimited   bytes\n";
        let status = "VmPeak:  900 kB\nVmSize:    1000 kB\nVmData:   500 kB\n";
        let files = [
            MACHINE,
            ("proc/self/limits", limits),
            ("proc/self/status", status),
        ];
        assert_eq!(found("limits", &files), Some(3_000_000 - 1_024_000));
        let limits = limits.replace(
            "unlimited   unlimited   bytes\nMax a",
            "700000 700000 bytes\nMax a",
        );
        let files = [
            MACHINE,
            ("proc/self/limits", &limits),
            ("proc/self/status", status),
        ];
        assert_eq!(found("data", &files), Some(700_000 - 512_000));
    }

    #[test]
    fn control_groups_of_version_2_count_with_those_round_them() {
        let files = [
            MACHINE,
            ("proc/self/cgroup", "0::/outer/inner\n"),
            ("sys/fs/cgroup/outer/inner/memory.max", "max\n"),
            ("sys/fs/cgroup/outer/inner/memory.current", "100\n"),
            ("sys/fs/cgroup/outer/memory.max", "5000000\n"),
            ("sys/fs/cgroup/outer/memory.current", "2000000\n"),
            (
                "sys/fs/cgroup/outer/memory.stat",
                "anon 7\ninactive_file 500000\nactive_file 9\n",
            ),
        ];
        assert_eq!(found("two", &files), Some(3_500_000));
    }

    #[test]
    fn control_groups_of_version_1_count_by_their_controller() {
        let files = [
            MACHINE,
            (
                "proc/self/cgroup",
                "9:cpu,cpuacct:/x\n4:memory:/a/b\n0::/\n",
            ),
            (
                "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes",
                "4000000\n",
            ),
            (
                "sys/fs/cgroup/memory/a/b/memory.usage_in_bytes",
                "1500000\n",
            ),
            // The root has no limit: a number beyond all memory.
            (
                "sys/fs/cgroup/memory/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n"),
        ];
        assert_eq!(found("one", &files), Some(2_500_000));
    }

    #[test]
    fn in_a_container_the_mounted_root_is_the_group() {
        let files = [
            MACHINE,
            ("proc/self/cgroup", "0::/not/mounted/here\n"),
            ("sys/fs/cgroup/memory.max", "1000000\n"),
            ("sys/fs/cgroup/memory.current", "400000\n"),
        ];
        assert_eq!(found("container", &files), Some(600_000));
    }
}
