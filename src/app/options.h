// What the command line asks for. Filled in by parse_command_line(), read by one function per command.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace clipig {

/// Options shared by the commands that read experiment files.
struct ConfigOptions {
    std::string text;                      ///< YAML that the command line itself stands for, below the files
    std::string name;                      ///< what a picture of `text` is called
    std::vector<std::string> files;        ///< YAML files, `-` for standard input
    std::vector<std::string> assignments;  ///< `path=value`, in order; win over the files
};

/// Where a run tells what it does, beside the terminal.
struct LogOptions {
    bool json = false;  ///< events on standard output, one JSON object a line
    std::string file;   ///< text, or the same JSON when it ends with .jsonl; appended to
};

struct RunOptions {
    ConfigOptions config;
    LogOptions log;
    int threads = 0;  ///< 0: as many as there are cores
    int repeat = 1;
    bool missing = false;  ///< of a matrix, only what is not there yet
};

struct ResumeOptions {
    std::string from;      ///< a picture with a checkpoint beside it, or a checkpoint
    ConfigOptions config;  ///< changes
    LogOptions log;
    int threads = 0;
};

struct ShowOptions {
    std::vector<std::string> files;  ///< pictures or checkpoints
};

struct PlotOptions {
    std::string input;  ///< CSV of `metrics: true`
    std::string output = "plot.png";
    int width = 1000;
    int height = 800;
};

struct CheckOptions {
    ConfigOptions config;
    bool print = false;   ///< write the resolved YAML to standard output
    bool memory = false;  ///< estimate the memory of the run
};

struct PreviewOptions {
    ConfigOptions config;
    int count = 16;
    std::string at = "0%";
    std::string output = "preview.png";
    int threads = 0;
};

struct ApplyOptions {
    std::string input;
    std::string output;
    std::string gradient;                 ///< `.safetensors` for d loss / d image, or empty
    std::vector<std::string> transforms;  ///< YAML text: `blur: {kernel_size: 5}`
    std::vector<std::string> constraints;
    std::string seed = "0";
    int epoch = 0;
    int epochs = 1;
};

struct EmbedOptions {
    std::string model = "auto";
    std::vector<std::string> texts;
    std::vector<std::string> images;
    std::string output;
    std::string device = "auto";
};

struct RateOptions {
    std::vector<std::string> images;
    std::vector<std::string> texts;
    std::vector<std::string> image_features;
    std::string text_file;
    std::string image_file;
    std::string model = "auto";
    std::string device = "auto";
    int sort = 0;        ///< one-based column; negative sorts descending; 0 not at all
    std::string output;  ///< CSV file, `-` for standard output
    bool cache = false;  ///< keep features of pictures for the next call
};

struct DocsOptions {
    std::string name;      ///< an operator or section; empty: the overview
    std::string markdown;  ///< folder to write all pages to
    bool json_schema = false;
};

struct ListOptions {
    std::string kind;
};

struct ModelsOptions {
    std::string action = "list";  ///< list, get, verify, inspect
    std::string name;
};

using Command = std::variant<RunOptions, CheckOptions, PreviewOptions, ApplyOptions, EmbedOptions, RateOptions, DocsOptions, ListOptions,
                             ModelsOptions, ResumeOptions, ShowOptions, PlotOptions>;

}  // namespace clipig
