#include "app/download_display.h"

#include <unistd.h>

#include <cstdio>

namespace clipig {

DownloadCallbacks download_display() {
    const bool live = ::isatty(STDERR_FILENO) == 1;
    DownloadCallbacks callbacks;
    callbacks.progress = [live](const DownloadProgress& progress) {
        if (live) {
            std::fprintf(stderr, "\r\x1b[K%s%s", progress_text(progress).c_str(), progress.finished ? "\n" : "");
        } else if (progress.finished) {
            std::fprintf(stderr, "%s\n", progress_text(progress).c_str());
        }
    };
    callbacks.note = [live](const std::string& line) { std::fprintf(stderr, "%s%s\n", live ? "\r\x1b[K" : "", line.c_str()); };
    return callbacks;
}

}  // namespace clipig
