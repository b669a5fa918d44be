use super::*;
use crate::denoise::Differentiable;
use crate::guide::Asked;
use crate::labs::experiment::Configured;
use crate::labs::go_on;
use crate::labs::link::{self, Mode};
use crate::labs::turbulence::law::Window;
use crate::labs::turbulence::way::Answering;
use crate::labs::turbulence::words::FilmScore;
use std::task::{Context, Poll, Waker};

const LINK: &str = "lab=turbulence&frames=6&steps=3&corrections=0&score=small&n=2&seed=1";

/// A device that answers as the host does, so many times; then it is lost.
struct Breaking {
    window: Rc<dyn Differentiable>,
    left: usize,
}

impl Elsewhere for Breaking {
    fn answer<'a>(&'a mut self, asked: &'a Asked) -> Answering<'a> {
        Box::pin(async {
            let left = self.left.checked_sub(1);
            self.left = left.ok_or(Error::NotYet { what: "answer" })?;
            let at = self.window.differentiable_at(&asked.level);
            let mut out = vec![0.0; asked.x_t.len()];
            match &asked.v {
                None => at.x_hat(&asked.x_t, &mut out),
                Some(v) => at.vjp(&asked.x_t, v, &mut out),
            }
            Ok(out)
        })
    }
}

/// The run whose device answers so many times.
fn breaking(answers: usize) -> Run {
    let link = link::decode(LINK, Mode::Strict).expect(LINK).link;
    let twin = Rc::new(Twin::open(&link.a).expect(LINK));
    let device = Breaking {
        window: Window::new(FilmScore::Small, 5).expect("small").denoiser,
        left: answers,
    };
    let mut run = Run::new(twin, Some(Box::new(device))).expect(LINK);
    while !piece(&mut run) {}
    run
}

/// Goes on with a run whose device answers at once. Returns whether it is done.
fn piece(run: &mut Run) -> bool {
    let piece = std::pin::pin!(go_on(run, 1 << 20));
    match piece.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done.expect(LINK),
        Poll::Pending => panic!("the device waits"),
    }
}

/// Two samples, three steps, two answers an evaluation: the device is never lost, before the first answer, between x̂ and the product
/// of an evaluation, between two steps, and in the last one. The host goes on with the question that was not answered.
#[test]
fn after_the_device_is_lost_the_host_goes_on_from_where_it_was() {
    let mut whole = breaking(usize::MAX);
    assert_eq!((whole.path(), whole.lost()), (Path::Network, None));
    for (answers, step) in [(0, 0), (3, 0), (4, 1), (9, 2)] {
        let run = breaking(answers);
        assert!(run.samples().ok() == whole.samples().ok(), "{answers}");
        assert_eq!(run.path(), Path::Lost);
        let told = run.lost().unwrap_or_default();
        assert!(told.contains(&format!("after step {step} of 3")), "{told}");
        assert_eq!(run.evaluations(), whole.evaluations());
        assert_eq!(run.frames(), whole.frames());
    }
    assert!(whole.take().is_some());
}
