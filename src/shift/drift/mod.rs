//! Detectors of shift over embeddings or softmax outputs, and estimates of field accuracy.
