//! What was learnt here: messages that somebody called spam or ham.
