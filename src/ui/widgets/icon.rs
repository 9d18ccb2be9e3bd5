//! Line icons, drawn with the text's colour. They say nothing by themselves: the control
//! they are in has a name.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Add,
    Alert,
    Archive,
    Auto,
    Camera,
    Check,
    Close,
    Download,
    Folder,
    Info,
    Moon,
    More,
    Move,
    Picture,
    Redo,
    Sample,
    Sun,
    Trash,
    Undo,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Add => "M12 5v14M5 12h14",
            Self::Alert => {
                "M12 9v4M12 17h.01M10.3 4.2 2.6 17.5A2 2 0 0 0 4.3 20.5h15.4a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0Z"
            }
            Self::Archive => "M4 8v11a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1V8M3 4h18v4H3ZM10 12h4",
            Self::Auto => "M12 3a9 9 0 1 0 0 18ZM12 3a9 9 0 0 1 0 18",
            Self::Camera => {
                "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1ZM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z"
            }
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Download => "M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14",
            Self::Folder => "M3 7a1 1 0 0 1 1-1h5l2 2.5h9a1 1 0 0 1 1 1V18a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1Z",
            Self::Info => "M12 11v5M12 8h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
            Self::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
            Self::More => "M5 12h.01M12 12h.01M19 12h.01",
            Self::Move => "M5 12h13m0 0-5-5m5 5-5 5",
            Self::Picture => {
                "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9h.01"
            }
            Self::Redo => "M15 14l5-5-5-5M20 9H9.5a5.5 5.5 0 0 0 0 11H13",
            Self::Sample => "M9 3h6l4.5 4.5v5.5L15 17.5H9L4.5 13V7.5ZM12 17.5V22M8.5 10.2h7",
            Self::Sun => {
                "M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5"
            }
            Self::Trash => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
            Self::Undo => "M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11",
        }
    }
}

/// The icon as SVG.
pub fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}
