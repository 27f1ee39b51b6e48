mod mail;
mod sessions;
