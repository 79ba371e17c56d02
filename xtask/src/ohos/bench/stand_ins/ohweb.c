// ArkWeb's C interface without a browser. A suite in Node loads this very library as a module too, and then is the browser:
// it sees what pages are given and which scripts run, calls their objects as pages would, and says how long the tables are.
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define COUNT(list) (sizeof(list) / sizeof *(list))

// Node's own functions, as far as they are used here.
typedef void *handle;
int napi_create_function(handle env, const char *name, size_t length, void *function, void *data, handle *result);
int napi_set_named_property(handle env, handle object, const char *name, handle value);
int napi_get_cb_info(handle env, handle info, size_t *count, handle *arguments, handle *self, void **data);
int napi_get_value_string_utf8(handle env, handle value, char *buffer, size_t size, size_t *length);
int napi_get_value_uint32(handle env, handle value, uint32_t *number);
int napi_get_value_bool(handle env, handle value, bool *truth);
int napi_get_typedarray_info(handle env, handle array, int *type, size_t *length, void **data, handle *buffer,
                             size_t *offset);
int napi_get_array_length(handle env, handle array, uint32_t *length);
int napi_get_element(handle env, handle array, uint32_t index, handle *value);
int napi_set_element(handle env, handle array, uint32_t index, handle value);
int napi_create_array(handle env, handle *array);
int napi_create_object(handle env, handle *object);
int napi_create_string_utf8(handle env, const char *text, size_t length, handle *value);
int napi_create_uint32(handle env, uint32_t number, handle *value);
int napi_get_undefined(handle env, handle *value);

// The tables, in the order of their members.
struct data { const uint8_t *buffer; size_t size; };
typedef void (*on_value)(const char *tag, const struct data *value, void *user);
typedef void (*on_call)(const char *tag, const struct data *arguments, size_t count, void *user);
typedef void (*on_component)(const char *tag, void *user);
struct script { const uint8_t *buffer; size_t size; on_value callback; void *user; };
struct method { const char *name; on_call callback; void *user; };
struct object { const char *name; const struct method *methods; size_t size; };

// What stands in for the components.
struct ran { char *text; size_t size; on_value callback; void *user; };
static struct component {
  char tag[64], object[64], permission[4096];
  struct { char name[64]; on_call callback; void *user; } methods[8];
  size_t method_count, script_count;
  on_component destroyed;
  void *destroyed_user;
  struct ran scripts[256];
} components[16];
static _Thread_local const char *frame;
static pthread_t host;
static uint32_t elsewhere;

// ArkWeb's functions belong to the host's thread; whoever calls them from another is counted.
static struct component *find(const char *tag, bool make) {
  if (!pthread_equal(pthread_self(), host)) elsewhere++;
  for (size_t i = 0; i < COUNT(components); i++)
    if (strcmp(components[i].tag, tag) == 0) return &components[i];
  for (size_t i = 0; make && i < COUNT(components); i++)
    if (!components[i].tag[0]) {
      strncpy(components[i].tag, tag, sizeof components[i].tag - 1);
      return &components[i];
    }
  return NULL;
}

static void run_script(const char *tag, const struct script *script) {
  struct component *component = find(tag, false);
  if (!component || component->script_count == COUNT(component->scripts)) return;
  struct ran *ran = &component->scripts[component->script_count++];
  *ran = (struct ran){malloc(script->size + 1), script->size, script->callback, script->user};
  memcpy(ran->text, script->buffer, script->size);
}

static void register_object(const char *tag, const struct object *object, const char *permission) {
  struct component *component = find(tag, true);
  if (!component) return;
  strncpy(component->object, object->name, sizeof component->object - 1);
  strncpy(component->permission, permission, sizeof component->permission - 1);
  component->method_count = object->size < COUNT(component->methods) ? object->size : COUNT(component->methods);
  for (size_t i = 0; i < component->method_count; i++) {
    strncpy(component->methods[i].name, object->methods[i].name, sizeof component->methods[i].name - 1);
    component->methods[i].callback = object->methods[i].callback;
    component->methods[i].user = object->methods[i].user;
  }
}

static void delete_object(const char *tag, const char *name) {
  struct component *component = find(tag, false);
  if (component && strcmp(component->object, name) == 0) component->object[0] = component->method_count = 0;
}

static void on_destroy(const char *tag, on_component callback, void *user) {
  struct component *component = find(tag, true);
  if (!component) return;
  component->destroyed = callback;
  component->destroyed_user = user;
}

static const char *last_frame(void) { return frame; }

// Nobody should call the rest.
static void trap(void) { __builtin_trap(); }

static struct { size_t size; void *members[11]; } controller = {
    sizeof controller,
    {run_script, trap, delete_object, trap, trap, trap, trap, trap, last_frame, trap, register_object}};
static struct { size_t size; void *members[4]; } component_table = {sizeof component_table, {trap, trap, trap, on_destroy}};

EXPORT void *OH_ArkWeb_GetNativeAPI(unsigned kind) {
  if (!pthread_equal(pthread_self(), host)) elsewhere++;
  if (kind == 0) return component_table.size ? &component_table : NULL;
  return kind == 1 && controller.size ? &controller : NULL;
}

// From here on: what the suite in Node uses.
struct given { handle env; size_t count; handle list[6]; };

static struct given given(handle env, handle info) {
  struct given all = {env, 6, {0}};
  napi_get_cb_info(env, info, &all.count, all.list, NULL, NULL);
  return all;
}

static char *text(handle env, handle value, char *buffer, size_t size) {
  return napi_get_value_string_utf8(env, value, buffer, size, NULL) == 0 ? buffer : NULL;
}

static handle undefined(handle env) {
  handle value = NULL;
  napi_get_undefined(env, &value);
  return value;
}

static void set_text(handle env, handle object, const char *name, const char *value) {
  handle made = NULL;
  napi_create_string_utf8(env, value, strlen(value), &made);
  napi_set_named_property(env, object, name, made);
}

// sizes(component, controller): in bytes; 0 is no table at all, 0xffffffff all of it.
static handle set_sizes(handle env, handle info) {
  struct given all = given(env, info);
  uint32_t sizes[2] = {UINT32_MAX, UINT32_MAX};
  for (size_t i = 0; i < 2; i++) napi_get_value_uint32(env, all.list[i], &sizes[i]);
  component_table.size = sizes[0] == UINT32_MAX ? sizeof component_table : sizes[0];
  controller.size = sizes[1] == UINT32_MAX ? sizeof controller : sizes[1];
  return undefined(env);
}

// look(tag): { object, permission, methods }, or undefined.
static handle look(handle env, handle info) {
  struct given all = given(env, info);
  char tag[64] = "";
  struct component *component = text(env, all.list[0], tag, sizeof tag) ? find(tag, false) : NULL;
  if (!component || !component->object[0]) return undefined(env);
  handle seen = NULL, methods = NULL;
  napi_create_object(env, &seen);
  set_text(env, seen, "object", component->object);
  set_text(env, seen, "permission", component->permission);
  napi_create_array(env, &methods);
  for (size_t i = 0; i < component->method_count; i++) {
    handle name = NULL;
    napi_create_string_utf8(env, component->methods[i].name, strlen(component->methods[i].name), &name);
    napi_set_element(env, methods, (uint32_t)i, name);
  }
  napi_set_named_property(env, seen, "methods", methods);
  return seen;
}

// scripts(tag): those that ran since the last time. Each is told a value, as a browser does after it has run.
static handle scripts(handle env, handle info) {
  struct given all = given(env, info);
  char tag[64] = "";
  struct component *component = text(env, all.list[0], tag, sizeof tag) ? find(tag, false) : NULL;
  handle list = NULL;
  napi_create_array(env, &list);
  for (size_t i = 0; component && i < component->script_count; i++) {
    struct ran *ran = &component->scripts[i];
    handle script = NULL;
    napi_create_string_utf8(env, ran->text, ran->size, &script);
    napi_set_element(env, list, (uint32_t)i, script);
    free(ran->text);
    struct data value = {(const uint8_t *)"{}", 2};
    if (ran->callback) ran->callback(tag, &value, ran->user);
  }
  if (component) component->script_count = 0;
  return list;
}

struct errand { struct component *component; size_t method, count; const char *frame; struct data arguments[4]; };

static void *run_errand(void *argument) {
  struct errand *errand = argument;
  frame = errand->frame;
  // A copy of its own: whoever keeps an address of it reads what is not there any more.
  struct data copies[4] = {{0}};
  for (size_t i = 0; i < errand->count; i++) {
    copies[i] = errand->arguments[i];
    if (copies[i].buffer) copies[i].buffer = memcpy(malloc(copies[i].size + 1), copies[i].buffer, copies[i].size);
  }
  errand->component->methods[errand->method].callback(errand->component->tag, copies, errand->count,
                                                       errand->component->methods[errand->method].user);
  for (size_t i = 0; i < errand->count; i++) {
    if (copies[i].buffer) memset((void *)copies[i].buffer, '!', copies[i].size);
    free((void *)copies[i].buffer);
  }
  frame = NULL;
  return NULL;
}

static void perform(void *(*function)(void *), void *argument, bool elsewhere) {
  pthread_t thread;
  if (elsewhere && pthread_create(&thread, NULL, function, argument) == 0) pthread_join(thread, NULL);
  else function(argument);
}

// call(tag, method, arguments, frame, elsewhere): a page calls; arguments are Uint8Arrays, or null for no buffer.
static handle call(handle env, handle info) {
  struct given all = given(env, info);
  char tag[64] = "", name[64] = "", url[1024] = "";
  bool on_thread = false;
  uint32_t count = 0;
  struct errand errand = {0};
  errand.component = text(env, all.list[0], tag, sizeof tag) ? find(tag, false) : NULL;
  errand.frame = text(env, all.list[3], url, sizeof url);
  napi_get_value_bool(env, all.list[4], &on_thread);
  napi_get_array_length(env, all.list[2], &count);
  if (!errand.component || !text(env, all.list[1], name, sizeof name)) return undefined(env);
  for (errand.count = 0; errand.count < count && errand.count < COUNT(errand.arguments); errand.count++) {
    struct data *argument = &errand.arguments[errand.count];
    handle item = NULL;
    napi_get_element(env, all.list[2], (uint32_t)errand.count, &item);
    void *bytes = NULL;
    if (napi_get_typedarray_info(env, item, NULL, &argument->size, &bytes, NULL, NULL) == 0) argument->buffer = bytes;
  }
  for (; errand.method < errand.component->method_count; errand.method++)
    if (strcmp(errand.component->methods[errand.method].name, name) == 0) {
      perform(run_errand, &errand, on_thread);
      break;
    }
  return undefined(env);
}

static void *run_destroyed(void *argument) {
  struct component *component = argument;
  if (component->destroyed) component->destroyed(component->tag, component->destroyed_user);
  return NULL;
}

// destroy(tag, elsewhere): the component goes; its object still can be called, as by a call that was on its way.
static handle destroy(handle env, handle info) {
  struct given all = given(env, info);
  char tag[64] = "";
  bool on_thread = false;
  struct component *component = text(env, all.list[0], tag, sizeof tag) ? find(tag, false) : NULL;
  napi_get_value_bool(env, all.list[1], &on_thread);
  if (component) perform(run_destroyed, component, on_thread);
  return undefined(env);
}

// elsewhere(): how many calls came from a thread that may not call.
static handle get_elsewhere(handle env, handle info) {
  (void)info;
  handle number = NULL;
  napi_create_uint32(env, elsewhere, &number);
  return number;
}

EXPORT handle napi_register_module_v1(handle env, handle exports) {
  static const struct { const char *name; handle (*function)(handle, handle); } functions[] = {
      {"sizes", set_sizes}, {"look", look},       {"scripts", scripts},
      {"call", call},       {"destroy", destroy}, {"elsewhere", get_elsewhere}};
  for (size_t i = 0; i < COUNT(functions); i++) {
    handle function = NULL;
    napi_create_function(env, functions[i].name, strlen(functions[i].name), (void *)functions[i].function, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}

__attribute__((constructor)) static void note_host(void) { host = pthread_self(); }
