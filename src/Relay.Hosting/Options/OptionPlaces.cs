namespace Relay.Hosting.Options;

/// <summary>Where an option may be given. The command line always may.</summary>
[Flags]
public enum OptionPlaces
{
    /// <summary>Only on the command line.</summary>
    CommandLine = 0,

    /// <summary>Also as an environment variable.</summary>
    Environment = 1,

    /// <summary>Also as a key of the file that <c>--config</c> names.</summary>
    File = 2,

    /// <summary>Anywhere.</summary>
    All = Environment | File,
}
