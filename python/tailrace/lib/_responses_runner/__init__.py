"""What a run of the Responses API with tools is made of; `responses_tool_runner` has the public names."""
