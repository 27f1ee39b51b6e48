//! A line to the database that can be cut, held and given back.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What the line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Carries everything.
    Open,
    /// Carries nothing, and says nothing.
    Hung,
    /// Every connection is cut, and no new one is made.
    Cut,
}

/// The line.
pub struct Proxy {
    pub address: String,
    state: Arc<watch::Sender<Line>>,
}

impl Proxy {
    /// A line to a server.
    pub async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(watch::channel(Line::Open).0);
        let states = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(carry(caller, server.clone(), states.subscribe()));
            }
        });
        Self { address, state }
    }

    /// Changes what the line does.
    pub fn set(&self, line: Line) {
        self.state.send_replace(line);
    }
}

async fn carry(mut caller: TcpStream, server: String, mut state: watch::Receiver<Line>) {
    if *state.borrow_and_update() == Line::Cut {
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut there, mut back) = (vec![0; 16_384], vec![0; 16_384]);
    loop {
        let line = *state.borrow_and_update();
        match line {
            Line::Cut => return,
            Line::Hung => {
                if state.changed().await.is_err() {
                    return;
                }
            }
            Line::Open => tokio::select! {
                changed = state.changed() => if changed.is_err() { return },
                read = caller.read(&mut there) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(count) => if server.write_all(&there[..count]).await.is_err() { return },
                },
                read = server.read(&mut back) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(count) => if caller.write_all(&back[..count]).await.is_err() { return },
                },
            },
        }
    }
}
