namespace Relay.Hosting.Logging;

/// <summary>How lines of the logs look.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
