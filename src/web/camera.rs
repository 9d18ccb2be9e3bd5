//! The camera: choose, open, look, take pictures, and say what went wrong.

use super::canvas;
use super::listen::{self, Listener};
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlVideoElement, MediaDeviceInfo,
    MediaDeviceKind, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaTrackConstraints,
};

/// Why there is no picture from the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The page was not loaded over https or from this device.
    Insecure,
    Refused,
    Missing,
    Busy,
    Unplugged,
    Other,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Insecure => "Browsers lend the camera only to pages loaded over https. Open this page with https://, or from localhost.",
            Self::Refused => "The browser was told not to lend the camera to this page. Allow it in the site settings (the icon left of the address), then try again.",
            Self::Missing => "No camera was found. Connect one and try again, or choose picture files instead.",
            Self::Busy => "The camera is busy: another program or tab is using it. Close that and try again.",
            Self::Unplugged => "The camera was unplugged or switched off. Connect it and try again.",
            Self::Other => "The camera could not be started. Try again, or choose picture files instead.",
        })
    }
}

/// Which camera to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The one facing the person, or any.
    Front,
    /// The one facing away, of a phone.
    Rear,
    Device(String),
}

/// A camera to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: String,
    pub label: String,
}

/// An open camera; dropping it switches it off.
pub struct Camera {
    stream: MediaStream,
    _ended: Option<Listener>,
    /// Shown as in a mirror: it faces the person.
    pub mirrored: bool,
    /// The id of the device, where the browser tells.
    pub device: Option<String>,
}

impl Drop for Camera {
    fn drop(&mut self) {
        for track in self.stream.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

fn devices() -> Result<MediaDevices, Trouble> {
    let window = web_sys::window().ok_or(Trouble::Other)?;
    if !window.is_secure_context() {
        return Err(Trouble::Insecure);
    }
    // Old browsers leave it out on insecure pages instead of saying so.
    let devices = js_sys::Reflect::get(&window.navigator(), &"mediaDevices".into()).map_err(|_| Trouble::Insecure)?;
    devices.dyn_into().map_err(|_| Trouble::Insecure)
}

/// Opens a camera. `unplugged` is called should it go away by itself.
///
/// # Errors
/// See [`Trouble`].
pub async fn open(choice: &Choice, unplugged: impl FnMut() + 'static) -> Result<Camera, Trouble> {
    let devices = devices()?;
    let track = MediaTrackConstraints::new();
    let set = |key: &str, value: &JsValue| js_sys::Reflect::set(&track, &key.into(), value);
    let _ = match choice {
        Choice::Front => set("facingMode", &"user".into()),
        Choice::Rear => set("facingMode", &"environment".into()),
        Choice::Device(id) => {
            let exact = js_sys::Object::new();
            js_sys::Reflect::set(&exact, &"exact".into(), &id.into()).and_then(|_| set("deviceId", &exact))
        }
    };
    let ideal = |value: f64| {
        let object = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&object, &"ideal".into(), &value.into());
        object
    };
    let _ = set("width", &ideal(640.0));
    let _ = set("height", &ideal(480.0));
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&track);
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(|e| trouble(&e))?;
    let stream: MediaStream = JsFuture::from(promise).await.map_err(|e| trouble(&e))?.unchecked_into();

    let track = stream.get_video_tracks().get(0).dyn_into::<MediaStreamTrack>().ok();
    let settings = track.as_ref().map(|t| t.get_settings());
    let facing = settings.as_ref().and_then(|s| s.get_facing_mode());
    let label = track.as_ref().map(|t| t.label().to_lowercase()).unwrap_or_default();
    let away =
        facing.as_deref() == Some("environment") || ["back", "rear", "environment"].iter().any(|w| label.contains(w));
    let mut unplugged = unplugged;
    Ok(Camera {
        _ended: track.map(|t| listen::on(&t, "ended", move |_| unplugged())),
        stream,
        mirrored: !away,
        device: settings.and_then(|s| s.get_device_id()),
    })
}

fn trouble(error: &JsValue) -> Trouble {
    match error.dyn_ref::<DomException>().map(|e| e.name()).unwrap_or_default().as_str() {
        "NotAllowedError" | "SecurityError" | "PermissionDeniedError" => Trouble::Refused,
        "NotFoundError" | "DevicesNotFoundError" | "OverconstrainedError" => Trouble::Missing,
        "NotReadableError" | "TrackStartError" | "AbortError" => Trouble::Busy,
        _ => Trouble::Other,
    }
}

/// Cameras there are. Labels are known once one has been opened.
pub async fn list() -> Vec<Device> {
    let Ok(promise) = devices().and_then(|d| d.enumerate_devices().map_err(|_| Trouble::Other)) else {
        return Vec::new();
    };
    let Ok(all) = JsFuture::from(promise).await else { return Vec::new() };
    let all: Array = all.unchecked_into();
    let cameras = all.iter().map(|d| d.unchecked_into::<MediaDeviceInfo>());
    let cameras = cameras.filter(|d| d.kind() == MediaDeviceKind::Videoinput && !d.device_id().is_empty());
    cameras
        .enumerate()
        .map(|(i, d)| Device {
            id: d.device_id(),
            label: Some(d.label()).filter(|l| !l.is_empty()).unwrap_or_else(|| format!("Camera {}", i + 1)),
        })
        .collect()
}

impl Camera {
    /// Shows the camera in a video element.
    pub fn show(&self, video: &HtmlVideoElement) {
        video.set_src_object(Some(&self.stream));
        if let Ok(playing) = video.play() {
            wasm_bindgen_futures::spawn_local(async move {
                let _ = JsFuture::from(playing).await;
            });
        }
    }
}

/// Takes the centred square out of a video, as the backbone sees it.
pub struct Lens {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

/// Longest side of a frame taken, in pixels.
const SIDE: u32 = 384;

impl Lens {
    pub fn new() -> Option<Self> {
        let canvas = canvas::detached(1)?;
        let context = canvas::readable(&canvas)?;
        Some(Self { canvas, context })
    }

    /// Draws the current frame; its side in pixels, or `None` before there is one.
    fn draw(&self, video: &HtmlVideoElement) -> Option<u32> {
        let (width, height) = (video.video_width(), video.video_height());
        let crop = width.min(height);
        if crop == 0 {
            return None;
        }
        let side = crop.min(SIDE);
        if self.canvas.width() != side {
            self.canvas.set_width(side);
            self.canvas.set_height(side);
        }
        let (left, top) = (f64::from((width - crop) / 2), f64::from((height - crop) / 2));
        let (crop, to) = (f64::from(crop), f64::from(side));
        self.context
            .draw_image_with_html_video_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                video, left, top, crop, crop, 0.0, 0.0, to, to,
            )
            .ok()?;
        Some(side)
    }

    /// The current frame: its side and RGBA pixels, not mirrored.
    pub fn pixels(&self, video: &HtmlVideoElement) -> Option<(u32, Vec<u8>)> {
        let side = self.draw(video)?;
        let data = self.context.get_image_data(0.0, 0.0, f64::from(side), f64::from(side)).ok()?;
        Some((side, data.data().0))
    }

    /// The current frame as a JPEG, not mirrored.
    pub async fn jpeg(&self, video: &HtmlVideoElement) -> Option<Blob> {
        self.draw(video)?;
        let promise = Promise::new(&mut |resolve, _| {
            let _ =
                self.canvas.to_blob_with_type_and_encoder_options(resolve.unchecked_ref(), "image/jpeg", &0.92.into());
        });
        JsFuture::from(promise).await.ok()?.dyn_into().ok()
    }
}
