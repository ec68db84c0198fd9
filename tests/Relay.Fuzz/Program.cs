using System.Globalization;
using Relay.Fuzz;

const string Usage = """
    usage: Relay.Fuzz TARGET --seed N --count N   runs N inputs of its own, from seed N on
           Relay.Fuzz TARGET --seed N --packets N runs so many that a node was given N packets of QUIC
           Relay.Fuzz TARGET --replay PATH        runs the inputs of a file or a folder
           Relay.Fuzz TARGET                      is run by AFL++: see eng/fuzz.sh
           Relay.Fuzz TARGET --words              writes what inputs are made of, as AFL++ takes it
           Relay.Fuzz --list                      lists the targets

    The status is 0 where every property holds, and 1 where one does not: what was wrong, and the seed or the file, is said.
    """;

switch (args)
{
    case ["--list"]:
        foreach (var each in TargetTable.Names)
            Console.WriteLine($"{each}\t{TargetTable.Create(each).Asserts}");
        return 0;
    case [var target, .. var rest] when TargetTable.Has(target):
        switch (rest)
        {
            case []:
                AflRun.Run(target);
                return 0;
            case ["--words"]:
                foreach (var word in TargetTable.Create(target).Words)
                    Console.WriteLine($"\"{string.Concat(word.Select(static value => $"\\x{value:x2}"))}\"");
                return 0;
            case ["--replay", var path]:
                return new PlainRun(target, TargetTable.Create(target), Console.Out).Replay(path);
            case ["--seed", var seedText, "--count", var countText]
                when int.TryParse(seedText, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
                    && int.TryParse(countText, NumberStyles.None, CultureInfo.InvariantCulture, out var count):
                return new PlainRun(target, TargetTable.Create(target), Console.Out).Generate(seed, count);
            case ["--seed", var seedText, "--packets", var packetsText]
                when int.TryParse(seedText, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
                    && long.TryParse(packetsText, NumberStyles.None, CultureInfo.InvariantCulture, out var packets):
                return new PlainRun(target, TargetTable.Create(target), Console.Out).GeneratePackets(seed, packets);
        }
        break;
}
Console.Error.WriteLine(Usage);
return 2;
