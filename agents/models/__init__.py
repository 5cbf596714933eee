"""Language models behind one protocol: llama.cpp in a child process, remote servers, LangChain, fakes."""
