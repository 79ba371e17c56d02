// OpenHarmony's Node-API library, for a Node of the same C library that loads our HarmonyOS build. What Node has too is
// not here: those names find the Node program, which comes first. Here is what only OpenHarmony has, in Node's terms,
// and the functions that it means differently (their names are changed in a copy of our library, see suites.rs).
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXPORT __attribute__((visibility("default")))

typedef void *handle;
typedef int status;
enum { OK = 0, GENERIC_FAILURE = 9 };

status napi_wrap(handle env, handle object, void *native, void *finalize, void *hint, handle *reference);
status napi_reference_ref(handle env, handle reference, uint32_t *count);
status napi_get_typedarray_info(handle env, handle array, int *type, size_t *length, void **data, handle *buffer,
                                size_t *offset);
status napi_queue_async_work(handle env, handle work);
status napi_call_threadsafe_function(handle function, void *data, int mode);

// The reference that comes back has the count 1 in OpenHarmony and 0 in Node.
EXPORT status ohos_wrap(handle env, handle object, void *native, void *finalize, void *hint, handle *reference) {
  status result = napi_wrap(env, object, native, finalize, hint, reference);
  return result == OK && reference ? napi_reference_ref(env, *reference, NULL) : result;
}

// The record lies on the caller's stack. OpenHarmony copies it, Node would keep the pointer; told nothing, Node finds
// the function that it registers by its name.
EXPORT void ohos_module_register(void *record) { (void)record; }

// The length is bytes in OpenHarmony and elements in Node.
EXPORT status ohos_get_typedarray_info(handle env, handle array, int *type, size_t *length, void **data, handle *buffer,
                                       size_t *offset) {
  // Node's kinds in their order: from Int8Array to BigUint64Array.
  static const size_t sizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  int kind = 0;
  status result = napi_get_typedarray_info(env, array, &kind, length, data, buffer, offset);
  if (type) *type = kind;
  if (result == OK && length && kind >= 0 && (size_t)kind < sizeof sizes / sizeof *sizes) *length *= sizes[kind];
  return result;
}

EXPORT status napi_queue_async_work_with_qos(handle env, handle work, int qos) {
  (void)qos;
  return napi_queue_async_work(env, work);
}

EXPORT status napi_call_threadsafe_function_with_priority(handle function, void *data, int priority, bool at_tail) {
  (void)priority;
  (void)at_tail;
  return napi_call_threadsafe_function(function, data, 0);
}

#define ABSENT(name)                                                     \
  EXPORT status name(void) {                                             \
    fprintf(stderr, "stand-in for OpenHarmony: no " #name " here\n"); \
    return GENERIC_FAILURE;                                              \
  }
ABSENT(napi_create_ark_runtime)
ABSENT(napi_destroy_ark_runtime)
ABSENT(napi_load_module)
ABSENT(napi_load_module_with_info)
ABSENT(napi_run_event_loop)
ABSENT(napi_run_script_path)
ABSENT(napi_stop_event_loop)
