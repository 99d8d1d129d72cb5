//! One shared token, in Rust over abi.h: no crate but std. The declarations follow abi.h, draft 2; members of a struct
//! that this plugin does not touch are there for their room. Every function that the gateway calls stops panics.
#![allow(non_camel_case_types)]

use std::ffi::{c_char, c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::{null, null_mut};

#[repr(C)]
#[derive(Clone, Copy)]
struct gh_str {
    ptr: *const u8,
    len: usize,
}
#[repr(C)]
#[derive(Clone, Copy)]
struct gh_list {
    items: *const c_void,
    count: usize,
}
#[repr(C)]
struct gh_val {
    key: gh_str,
    val: gh_str,
    kind: u32,
    zero: u32,
}
#[repr(C)]
struct gh_err {
    struct_size: u32,
    code: i32,
    msg: [u8; 504],
}
#[repr(C)]
struct gh_plugin_desc {
    struct_size: u32,
    categories: u32,
    api_types: u32,
    needs: u32,
    flags: u32,
    zero: u32,
    id: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    vendor: *const c_char,
    doc_url: *const c_char,
    settings_schema: *const c_char,
    services: *const *const c_char,
}
#[repr(C)]
struct gh_config {
    struct_size: u32,
    zero: u32,
    imp: *const c_void,
    instance: gh_str,
    json: gh_str,
    get: unsafe extern "C" fn(*const gh_config, *const gh_str, *mut gh_val) -> i32,
    count: *const c_void,
    member: *const c_void,
}
#[repr(C)]
struct gh_request {
    struct_size: u32,
    api_type: u32,
    call_id: u64,
    deadline_ns: u64,
    time_unix_ms: i64,
    worker: u32,
    given: u32,
    connection_id: u64,
    ports_and_tls: [u32; 4],
    texts: [gh_str; 24],
    lists: [gh_list; 6],
    imp: *const c_void,
    header: unsafe extern "C" fn(*const gh_request, *const gh_str, usize, *mut gh_str) -> i32,
    attr: *const c_void,
}
#[repr(C)]
struct gh_answer {
    struct_size: u32,
    kind: u32,
    ttl_s: i32,
    path_form: u32,
    valid_until_unix_ms: i64,
    principal_id: gh_str,
    principal_arn: gh_str,
    principal_account: gh_str,
    challenge: gh_str,
    usage_key: gh_str,
    reason: gh_str,
    error_text: gh_str,
    message: gh_str,
    response_type: gh_str,
    error_type: gh_str,
    context: gh_list,
    more: [gh_list; 5],
}
#[repr(C)]
struct gh_host {
    struct_size: u32,
    abi_minor: u32,
    worker_count: u32,
    zero: u32,
    imp: *mut c_void,
    name: *const c_char,
    version: *const c_char,
    service: *const c_void,
    complete: unsafe extern "C" fn(*const gh_host, u64, *const gh_answer) -> i32,
}
#[repr(C)]
struct gh_authorizer {
    struct_size: u32,
    zero: u32,
    create: unsafe extern "C" fn(*const gh_host, *const gh_config, *mut *mut Gate, *mut gh_err) -> i32,
    start: unsafe extern "C" fn(*mut Gate, *mut gh_err) -> i32,
    authorize: unsafe extern "C" fn(*mut Gate, *const gh_request) -> i32,
    cancel: unsafe extern "C" fn(*mut Gate, u64),
    stop: unsafe extern "C" fn(*mut Gate),
    destroy: unsafe extern "C" fn(*mut Gate),
    extension: unsafe extern "C" fn(*mut Gate, *const c_char) -> *const c_void,
}
#[repr(C)]
pub struct gh_module {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    min_host_minor: u16,
    abi_draft: u16,
    plugin_count: u32,
    build_info: *const c_char,
    plugin: unsafe extern "C" fn(u32) -> *const gh_plugin_desc,
    iface: unsafe extern "C" fn(u32, *const c_char) -> *const c_void,
}
// The layout pins of abi.h.
const _: () = assert!(std::mem::size_of::<gh_err>() == 512);
const _: () = assert!(std::mem::size_of::<gh_plugin_desc>() == 80);
const _: () = assert!(std::mem::offset_of!(gh_config, get) == 48);
const _: () = assert!(std::mem::offset_of!(gh_request, texts) == 64);
const _: () = assert!(std::mem::offset_of!(gh_request, header) == 552);
const _: () = assert!(std::mem::size_of::<gh_request>() == 568);
const _: () = assert!(std::mem::offset_of!(gh_answer, context) == 184);
const _: () = assert!(std::mem::size_of::<gh_answer>() == 280);
const _: () = assert!(std::mem::offset_of!(gh_host, complete) == 48);
const _: () = assert!(std::mem::size_of::<gh_authorizer>() == 64);
const _: () = assert!(std::mem::size_of::<gh_module>() == 40);
// Everything static in it is read only.
unsafe impl Sync for gh_plugin_desc {}
unsafe impl Sync for gh_module {}

const GH_OK: i32 = 0;
const GH_E_FAILED: i32 = -1;
const GH_E_CONFIG: i32 = -2;
const GH_E_NOTFOUND: i32 = -6;
const GH_T_STRING: u32 = 1;
const GH_CAT_IDENTITY: u32 = 1;
const GH_API_ALL: u32 = 7;
const GH_F_NONBLOCKING: u32 = 2;
const GH_F_NEVER_UNLOAD: u32 = 8;
const GH_ALLOW: u32 = 1;
const GH_DENY: u32 = 2;
const GH_UNAUTHORIZED: u32 = 3;

const NOTHING: gh_str = gh_str { ptr: null(), len: 0 };
const NONE: gh_list = gh_list { items: null(), count: 0 };

fn raw(text: &[u8]) -> gh_str {
    gh_str { ptr: text.as_ptr(), len: text.len() }
}

/// Compares without telling by its duration where the first difference is.
fn same_secret(a: &[u8], b: &[u8]) -> bool {
    let mut difference = a.len() ^ b.len();
    for (x, y) in a.iter().zip(b) {
        difference |= usize::from(x ^ y);
    }
    std::hint::black_box(difference) == 0
}

struct Gate {
    host: *const gh_host,
    token: Vec<u8>,
}

impl Gate {
    fn new(host: *const gh_host, config: &gh_config) -> Result<Gate, &'static str> {
        let mut value = gh_val { key: NOTHING, val: NOTHING, kind: 0, zero: 0 };
        let found = unsafe { (config.get)(config, &raw(b"/token"), &mut value) };
        if found != GH_OK || value.kind != GH_T_STRING || value.val.ptr.is_null() {
            return Err("settings: `/token` is not a string");
        }
        let token = unsafe { std::slice::from_raw_parts(value.val.ptr, value.val.len) }.to_vec();
        if token.len() < 8 {
            return Err("settings: `/token` has less than 8 bytes");
        }
        Ok(Gate { host, token })
    }

    fn authorize(&self, request: &gh_request) -> i32 {
        let (mut given, mut second) = (NOTHING, NOTHING);
        let found = unsafe { (request.header)(request, &raw(b"x-token"), 0, &mut given) };
        let more = unsafe { (request.header)(request, &raw(b"x-token"), 1, &mut second) };
        // Of two the upstream might read another than was judged.
        let given = match found == GH_OK && more == GH_E_NOTFOUND && !given.ptr.is_null() {
            true => unsafe { std::slice::from_raw_parts(given.ptr, given.len) },
            false => &[],
        };
        let mut answer = gh_answer {
            struct_size: std::mem::size_of::<gh_answer>() as u32,
            kind: GH_DENY,
            ttl_s: -1,
            path_form: 0,
            valid_until_unix_ms: 0,
            principal_id: NOTHING,
            principal_arn: NOTHING,
            principal_account: NOTHING,
            challenge: NOTHING,
            usage_key: NOTHING,
            reason: NOTHING,
            error_text: NOTHING,
            message: NOTHING,
            response_type: NOTHING,
            error_type: NOTHING,
            context: NONE,
            more: [NONE; 5],
        };
        let tier = [gh_val { key: raw(b"tier"), val: raw(b"gold"), kind: GH_T_STRING, zero: 0 }];
        if given.is_empty() {
            answer.kind = GH_UNAUTHORIZED;
            answer.challenge = raw(b"Token");
        } else if same_secret(given, &self.token) {
            answer.kind = GH_ALLOW;
            answer.principal_id = raw(b"token-user");
            answer.context = gh_list { items: tier.as_ptr().cast(), count: tier.len() };
        } else {
            answer.reason = raw(b"the token does not match");
        }
        unsafe { ((*self.host).complete)(self.host, request.call_id, &answer) }
    }
}

fn refuse(error: *mut gh_err, code: i32, why: &str) -> i32 {
    if let Some(error) = unsafe { error.as_mut() } {
        let n = why.len().min(error.msg.len() - 1);
        error.code = code;
        error.msg[..n].copy_from_slice(&why.as_bytes()[..n]);
        error.msg[n] = 0;
    }
    code
}

unsafe extern "C" fn create(
    host: *const gh_host,
    config: *const gh_config,
    out: *mut *mut Gate,
    error: *mut gh_err,
) -> i32 {
    match catch_unwind(|| Gate::new(host, unsafe { &*config })) {
        Ok(Ok(gate)) => {
            unsafe { *out = Box::into_raw(Box::new(gate)) };
            GH_OK
        }
        Ok(Err(why)) => refuse(error, GH_E_CONFIG, why),
        Err(_) => refuse(error, GH_E_FAILED, "the plugin panicked"),
    }
}
unsafe extern "C" fn start(_: *mut Gate, _: *mut gh_err) -> i32 {
    GH_OK
}
unsafe extern "C" fn authorize(gate: *mut Gate, request: *const gh_request) -> i32 {
    // A negative status without an answer: the gateway fails the call.
    catch_unwind(AssertUnwindSafe(|| unsafe { (*gate).authorize(&*request) })).unwrap_or(GH_E_FAILED)
}
unsafe extern "C" fn cancel(_: *mut Gate, _: u64) {}
unsafe extern "C" fn stop(_: *mut Gate) {}
unsafe extern "C" fn destroy(gate: *mut Gate) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(gate) })));
}
unsafe extern "C" fn extension(_: *mut Gate, _: *const c_char) -> *const c_void {
    null_mut()
}

static DESCRIPTION: gh_plugin_desc = gh_plugin_desc {
    struct_size: std::mem::size_of::<gh_plugin_desc>() as u32,
    categories: GH_CAT_IDENTITY,
    api_types: GH_API_ALL,
    needs: 0,
    flags: GH_F_NONBLOCKING | GH_F_NEVER_UNLOAD,
    zero: 0,
    id: c"com.example.rust-token".as_ptr(),
    version: c"1.0.0".as_ptr(),
    summary: c"lets callers in who know one shared token".as_ptr(),
    vendor: null(),
    doc_url: null(),
    settings_schema: cr#"{"type": "object", "required": ["token"], "additionalProperties": false,
      "properties": {"token": {"type": "string", "minLength": 8, "description": "what x-token must say"}}}"#
        .as_ptr(),
    services: null(),
};
static TABLE: gh_authorizer = gh_authorizer {
    struct_size: std::mem::size_of::<gh_authorizer>() as u32,
    zero: 0,
    create,
    start,
    authorize,
    cancel,
    stop,
    destroy,
    extension,
};
static MODULE: gh_module = gh_module {
    struct_size: std::mem::size_of::<gh_module>() as u32,
    abi_major: 1,
    abi_minor: 0,
    min_host_minor: 0,
    abi_draft: 2,
    plugin_count: 1,
    build_info: c"rustc".as_ptr(),
    plugin,
    iface,
};

const MANIFEST: &[u8] = b"GATEHOUSE-PLUGIN/1\nabi=1.0\ndraft=2\nid=com.example.rust-token\nversion=1.0.0\n\0";
#[used]
#[link_section = ".gatehouse"]
static IN_THE_FILE: [u8; MANIFEST.len()] = *MANIFEST.first_chunk().unwrap();

unsafe extern "C" fn plugin(index: u32) -> *const gh_plugin_desc {
    if index == 0 {
        &DESCRIPTION
    } else {
        null()
    }
}
unsafe extern "C" fn iface(index: u32, id: *const c_char) -> *const c_void {
    if index == 0 && unsafe { CStr::from_ptr(id) } == c"gatehouse.authorizer/1" {
        (&raw const TABLE).cast()
    } else {
        null()
    }
}
#[no_mangle]
pub extern "C" fn gatehouse_module_v1() -> *const gh_module {
    &MODULE
}
