//! Two halves of a job at the same time: registers have two sides. Entry point: [`both`].

/// What `work` makes of two things, at the same time.
pub(super) fn both<T: Send, R: Send>(things: [T; 2], work: impl Fn(T) -> R + Sync) -> [R; 2] {
    let [left, right] = things;
    let work = &work;
    std::thread::scope(|scope| {
        let left = scope.spawn(move || work(left));
        let right = work(right);
        match left.join() {
            Ok(left) => [left, right],
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
