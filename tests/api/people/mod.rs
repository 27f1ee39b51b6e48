mod mail;
mod passwords;
mod sessions;
mod throttle;
