//! A client that keeps its connection, as plain as can be.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Posts a GraphQL request and gives status and body of the answer.
    pub fn post(&mut self, token: Option<&str>, body: &str) -> std::io::Result<(u16, &[u8])> {
        self.ask("POST /graphql", token, body)
    }

    /// Sends a request and gives status and body of the answer.
    pub fn ask(&mut self, line: &str, token: Option<&str>, body: &str) -> std::io::Result<(u16, &[u8])> {
        let authorization = token.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
        let request = format!(
            "{line} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\naccept: application/graphql-response+json\r\n{authorization}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes())?;
        self.buffer.clear();
        let mut chunk = [0u8; 65_536];
        let (status, begin, end) = loop {
            self.read(&mut chunk)?;
            let Some(blank) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..blank]).to_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            break (head[9..12].parse().unwrap_or(0), blank + 4, blank + 4 + length.expect("an answer with a length"));
        };
        while self.buffer.len() < end {
            self.read(&mut chunk)?;
        }
        Ok((status, &self.buffer[begin..end]))
    }

    fn read(&mut self, chunk: &mut [u8]) -> std::io::Result<()> {
        let read = self.stream.read(chunk)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&chunk[..read]);
        Ok(())
    }
}
