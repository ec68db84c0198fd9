namespace Relay.Node.Options;

/// <summary>How lines of the logs look.</summary>
internal enum NodeLogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
