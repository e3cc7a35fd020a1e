#include <curl/curl.h>
#include <string.h>

/* curl_easy_setopt is variadic, which Swift cannot call. */

struct florin_upload { const char *bytes; size_t count, at; };

static size_t florin_upload_read(char *buffer, size_t size, size_t items, void *context) {
    struct florin_upload *upload = (struct florin_upload *)context;
    size_t room = size * items, left = upload->count - upload->at, part = left < room ? left : room;
    memcpy(buffer, upload->bytes + upload->at, part);
    upload->at += part;
    return part;
}

/* Sends one message; returns 0 or a CURLcode with its text in `message` (CURL_ERROR_SIZE bytes). TLS is required when `tls` is 1. `ends` is
   asked with `context` about once a second; what it answers but 0 breaks the message off with CURLE_ABORTED_BY_CALLBACK. */
static inline int florin_send_mail(
    const char *url, const char *user, const char *password, int tls, const char *from, const char *to, const char *bytes, size_t count,
    curl_xferinfo_callback ends, void *context, char *message) {
    CURL *curl = curl_easy_init();
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    struct florin_upload upload = {bytes, count, 0};
    message[0] = 0;
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 15L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ends);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, context);
    /* So that `ends` is asked while the server is slow to say goodbye, too. */
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* What is broken off does not wait for a name that is being resolved. */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
#endif
    curl_easy_setopt(curl, CURLOPT_USE_SSL, tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    if (user[0]) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, florin_upload_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK && !message[0]) strncpy(message, curl_easy_strerror(code), CURL_ERROR_SIZE - 1);
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return (int)code;
}

static size_t florin_drop(char *buffer, size_t size, size_t items, void *context) {
    size_t *room = (size_t *)context, count = size * items;
    if (count > *room) return 0;
    *room -= count;
    return count;
}

/* Posts one body to exactly the address that `pin` ("host:port:address") names; follows nothing, reads 64 kB of the answer at most.
   Returns 0 or a CURLcode with its text in `message` (CURL_ERROR_SIZE bytes). `headers` are lines, one after the other. */
static inline int florin_post(
    const char *url, const char *pin, const char *headers, const char *bytes, size_t count, long *status, char *message) {
    CURL *curl = curl_easy_init();
    struct curl_slist *lines = NULL, *pins = curl_slist_append(NULL, pin);
    size_t room = 65536;
    char line[1024];
    while (*headers) {
        const char *end = strchr(headers, '\n');
        size_t length = end ? (size_t)(end - headers) : strlen(headers);
        if (length < sizeof line) {
            memcpy(line, headers, length);
            line[length] = 0;
            lines = curl_slist_append(lines, line);
        }
        headers += length + (end ? 1 : 0);
    }
    message[0] = 0;
    *status = 0;
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, pins);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, bytes);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, florin_drop);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &room);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    if (code != CURLE_OK && !message[0]) strncpy(message, curl_easy_strerror(code), CURL_ERROR_SIZE - 1);
    curl_slist_free_all(lines);
    curl_slist_free_all(pins);
    curl_easy_cleanup(curl);
    return (int)code;
}
