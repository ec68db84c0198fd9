using Relay.Abuse;
using Relay.Abuse.Measure;
using Relay.Abuse.Wire;

if (args is ["--list"])
{
    foreach (var attack in AttackTable.All)
        Console.WriteLine($"{attack.Name}\t{attack.What}");
    return 0;
}
if (!AbuseOptions.TryParse(args, out var options, out var error))
{
    Console.Error.WriteLine($"Relay.Abuse: {error}\n{AbuseOptions.Usage}");
    return 2;
}
var attacks = AttackTable.Of(options.Attack);
if (attacks.Count == 0)
{
    Console.Error.WriteLine($"Relay.Abuse: no attack {options.Attack}; --list says what there is");
    return 2;
}
using var targets = new TargetSet();
var run = new AttackRun(options, targets);
var missed = 0;
Console.WriteLine(AttackRow.Head);
foreach (var attack in attacks)
{
    var row = run.Run(attack);
    Console.WriteLine(row);
    missed += row.IsGood ? 0 : 1;
}
return missed == 0 ? 0 : 1;
