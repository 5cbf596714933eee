"""Language models behind one protocol: llama.cpp, remote servers, LangChain, fakes."""
