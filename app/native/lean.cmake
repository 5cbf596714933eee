# Read by CMake at the end of llama.cpp's project() when llama-cpp-python is built (see the Makefile).
# LLAMA_BUILD_COMMON is the command-line programs' shared code; the Python bindings load libllama and ggml alone.
# Left on it is more than half of all the C++ that is compiled.
set(LLAMA_BUILD_COMMON OFF)
