using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Abuse.Wire;

namespace Relay.Abuse;

/// <summary>What was asked for. Every address is loopback, and no option lifts that.</summary>
internal sealed record AbuseOptions
{
    public const string Usage = """
        usage: Relay.Abuse ATTACK|all --relay 127.0.0.1:PORT [OPTION...]
               Relay.Abuse --list

        Does to a relay what a hostile client would, and prints a row of a table: what was done, the relay's memory, and how long an
        echo of a neighbour's tunnel took beside it. It speaks to loopback only. The relay must allow 127.0.0.0/8 as targets.

          --relay ADDR:PORT     the relay
          --control ADDR:PORT   another relay, that nobody attacks: its neighbour's echoes show what the machine itself does
          --relay-pid N         the relay's process, whose memory is shown
          --seconds N           how long an attack lasts; 10
          --settle N            how long the relay has to give memory back afterwards, in seconds; 60
          --connections N       how many connections an attack has at most; 50
          --rounds N            how often each attack is made; the row is that of the median of the neighbours' latencies; 1

        The status is 1 where a mark is missed: memory beyond the attack's bound, or not back at 1.2 times what it was; a neighbour's
        99th of a hundred above three times the control's; a neighbour that was lost.
        """;

    public required string Attack { get; init; }

    public required IPEndPoint Relay { get; init; }

    public IPEndPoint? Control { get; init; }

    public int RelayPid { get; init; }

    public int Seconds { get; init; } = 10;

    public int Settle { get; init; } = 60;

    public int Connections { get; init; } = 50;

    public int Rounds { get; init; } = 1;

    /// <summary>Reads them.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="error">Otherwise what is wrong.</param>
    public static bool TryParse(
        string[] arguments, [NotNullWhen(true)] out AbuseOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        error = arguments.Length == 0 || arguments[0].StartsWith('-') ? "an attack, or all, is wanted" : null;
        IPEndPoint? relay = null, control = null;
        var numbers = new Dictionary<string, int>
        {
            ["--relay-pid"] = 0,
            ["--seconds"] = 10,
            ["--settle"] = 60,
            ["--connections"] = 50,
            ["--rounds"] = 1,
        };
        for (var i = 1; i < arguments.Length && error is null; i += 2)
        {
            var (name, text) = (arguments[i], i + 1 < arguments.Length ? arguments[i + 1] : "");
            if (name is "--relay" or "--control")
            {
                if (!IPEndPoint.TryParse(text, out var address) || address.Port == 0)
                    error = $"{name}: '{text}' is not ADDR:PORT";
                else if (!Loopback.Is(address.Address))
                    error = $"{name}: {address.Address} is not IPv4's loopback, and this speaks to that only";
                else if (name == "--relay")
                    relay = address;
                else
                    control = address;
            }
            else if (!numbers.ContainsKey(name))
                error = $"{name}: unknown option";
            else if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                error = $"{name}: '{text}' is not a whole number";
            else
                numbers[name] = number;
        }
        if (numbers["--rounds"] == 0)
            error ??= "--rounds: one at least";
        if (relay is null)
            error ??= "--relay is wanted";
        if (error is not null)
            return false;
        options = new AbuseOptions
        {
            Attack = arguments[0],
            Relay = relay!,
            Control = control,
            RelayPid = numbers["--relay-pid"],
            Seconds = numbers["--seconds"],
            Settle = numbers["--settle"],
            Connections = numbers["--connections"],
            Rounds = numbers["--rounds"],
        };
        return true;
    }
}
