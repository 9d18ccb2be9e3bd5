//! Nineteen corruptions with five severities, after Hendrycks and Dietterich 2019.
