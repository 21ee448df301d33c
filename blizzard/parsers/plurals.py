"""The statistics that pages name in the singular when the count is one, and the plural key of each."""

# A page writes "Final Blow" for exactly one and "Final Blows" for any other count: without this table one
# statistic would have two keys. Only the listed names are joined, since "Weapon Kill Efficiency" is no count.
_KILLS = """
    accretion annihilation assault barrage biotic_grenade biotic_orb blaster blizzard bob call_mech
    carnage chain_hook charge charged_shot charged_volley coach_gun coalescence concussion_mine
    critical_hit deadeye death_blossom disruptor_shot dragonblade dragonstrike dynamite earthshatter
    energy_javelin environmental fan_the_hammer fire_strike focusing_beam grappling_claw gravitic_flux
    graviton_surge helix_rocket high_energy jagged_blade javelin_spin jump jump_pack kunai
    magnetic_grenade melee meteor_strike micro_missile minefield molten_core objective overclock
    overload piledriver primal_rage pulse_bomb pummel rampage ravenous_vortex recon rip_tire
    self_destruct sentry_turret solo sticky_bombs storm_arrow tactical_grenade tactical_visor tank
    terra_surge thorn_volley turret venom_mine weapon whole_hog
"""
_REGULAR = """
    assist amplification_matrix_assist defensive_assist kitsune_rush_assist nano_boost_assist
    offensive_assist recon_assist critical_hit scoped_critical_hit rocket_direct_hit
    sticky_bombs_direct_hit final_blow long_range_final_blow melee_final_blow death elimination
    low_health_recall low_health_teleport multikill
"""
_IRREGULAR = {
    "enemy_frozen": "enemies_frozen",
    "enemy_hacked": "enemies_hacked",
    "enemy_slept": "enemies_slept",
    "enemy_trapped": "enemies_trapped",
    "immortality_field_death_prevented": "immortality_field_deaths_prevented",
    "life_grip_death_prevented": "life_grip_deaths_prevented",
    "negative_effect_cleansed": "negative_effects_cleansed",
    "player_knocked_back": "players_knocked_back",
    "player_resurrected": "players_resurrected",
    "player_teleported": "players_teleported",
    "pulse_bomb_attached": "pulse_bombs_attached",
    "sound_barrier_provided": "sound_barriers_provided",
    "whipshot_attempted": "whipshots_attempted",
}
_WITHOUT_SUFFIX = {
    "card": "cards",
    "game_lost": "games_lost",
    "game_played": "games_played",
    "game_won": "games_won",
    "hero_win": "hero_wins",
}
_SUFFIXES = ("", "_avg_per_10_min", "_most_in_game", "_most_in_life")


def _table() -> dict[str, str]:
    counted = {f"{name}_kill": f"{name}_kills" for name in _KILLS.split()}
    counted |= {name: f"{name}s" for name in _REGULAR.split()}
    counted |= _IRREGULAR
    suffixed = {one + end: many + end for one, many in counted.items() for end in _SUFFIXES}
    return suffixed | _WITHOUT_SUFFIX


PLURAL_KEYS = _table()
"""Singular stat key -> plural stat key, each also with the endings for averages and bests."""
