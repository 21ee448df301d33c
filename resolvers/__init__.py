"""The answers: plain async functions from context, parent and arguments to models. No GraphQL in sight."""
